import { rename, rm, stat } from 'node:fs/promises';
import { fileProblem } from '@edgeguard/contracts';

/**
 * Where a file is written before it is complete: beside its place, so that what looks finished is. A device or a pipe
 * is written directly, for it cannot be renamed onto.
 */
export class OutputPlace {
  readonly path: string;
  /** The path to write to until {@link commit}. */
  readonly partial: string;

  private constructor(path: string, partial: string) {
    this.path = path;
    this.partial = partial;
  }

  static async at(path: string): Promise<OutputPlace> {
    let isSpecial = false;
    try {
      const found = await stat(path);
      isSpecial = !found.isFile() && !found.isDirectory();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw fileProblem(path, error);
    }
    return new OutputPlace(path, isSpecial ? path : `${path}.partial`);
  }

  /** Moves the file into place. */
  async commit(): Promise<void> {
    if (this.partial === this.path) return;
    try {
      await rename(this.partial, this.path);
    } catch (error) {
      await this.discard();
      throw fileProblem(this.path, error);
    }
  }

  /** Removes what was written. */
  async discard(): Promise<void> {
    if (this.partial !== this.path) await rm(this.partial, { force: true });
  }
}
