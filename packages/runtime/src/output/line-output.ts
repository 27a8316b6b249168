import { open, type FileHandle } from 'node:fs/promises';
import { fileProblem } from '@edgeguard/contracts';

/** The path that means standard output. */
export const STANDARD_OUTPUT = '-';

/** Where lines go, one after another, as they come: a log, not a document that is complete or not there. */
export interface LineOutput {
  /** Resolves when the lines have been handed to the system, so that a slow reader slows the writer. */
  write(lines: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a file for lines.
 *
 * @param path `-` for standard output
 * @param append add to what is there; else start anew
 * @throws UserError, also from `write`, when the file cannot be written (a full disk)
 */
export async function openLineOutput(path: string, append = false): Promise<LineOutput> {
  if (path === STANDARD_OUTPUT) return new StandardOutput();
  try {
    return new FileOutput(path, await open(path, append ? 'a' : 'w'));
  } catch (error) {
    throw fileProblem(path, error);
  }
}

class FileOutput implements LineOutput {
  readonly #path: string;
  readonly #file: FileHandle;

  constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  async write(lines: string): Promise<void> {
    try {
      await this.#file.appendFile(lines);
    } catch (error) {
      throw fileProblem(this.#path, error);
    }
  }

  async close(): Promise<void> {
    try {
      await this.#file.close();
    } catch (error) {
      throw fileProblem(this.#path, error);
    }
  }
}

class StandardOutput implements LineOutput {
  async write(lines: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      process.stdout.write(lines, (error) => {
        if (error) reject(fileProblem('standard output', error) as Error);
        else resolve();
      });
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
