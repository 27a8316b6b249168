import { closeSync, openSync, write, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { fileProblem } from '@edgeguard/contracts';

/** The path that means standard output. */
export const STANDARD_OUTPUT = '-';

/** Where lines go, one after another, as they come: a log, not a document that is complete or not there. */
export interface LineOutput {
  /** Resolves when the system has taken the lines, so that a slow reader slows the writer. */
  write(lines: string): Promise<void>;
  /** The same, for callers that cannot wait: blocks. Only while no {@link write} is under way. */
  writeNow(lines: string): void;
  close(): void;
}

/**
 * Opens a file for lines.
 *
 * @param path `-` for standard output
 * @param append add to what is there; else start anew
 * @throws UserError, also when writing, when the file cannot be written (a full disk)
 */
export function openLineOutput(path: string, append = false): LineOutput {
  if (path === STANDARD_OUTPUT) return new StandardOutput();
  try {
    return new FileOutput(path, openSync(path, append ? 'a' : 'w'));
  } catch (error) {
    throw fileProblem(path, error);
  }
}

const writeBytes = promisify(write);

class FileOutput implements LineOutput {
  readonly #path: string;
  readonly #descriptor: number;

  constructor(path: string, descriptor: number) {
    this.#path = path;
    this.#descriptor = descriptor;
  }

  async write(lines: string): Promise<void> {
    try {
      const bytes = Buffer.from(lines);
      for (let at = 0; at < bytes.length;) at += (await writeBytes(this.#descriptor, bytes, at)).bytesWritten;
    } catch (error) {
      throw fileProblem(this.#path, error);
    }
  }

  writeNow(lines: string): void {
    try {
      writeAll(this.#descriptor, lines);
    } catch (error) {
      throw fileProblem(this.#path, error);
    }
  }

  close(): void {
    closeSync(this.#descriptor);
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

  writeNow(lines: string): void {
    try {
      writeAll(process.stdout.fd, lines);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(0);
      throw fileProblem('standard output', error);
    }
  }

  close(): void {
    // It is not ours to close.
  }
}

const PAUSE_MS = 2;

/** Writes all of a text, waiting where a pipe whose reader is slow takes no more. */
function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}
