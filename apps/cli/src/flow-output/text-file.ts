import { type LineOutput, openLineOutput, STANDARD_OUTPUT } from '@edgeguard/runtime/output';
import { OutputPlace } from './place.ts';

/** Text on standard output, or a file that appears when it is complete. */
export class TextFile {
  readonly #lines: LineOutput;
  readonly #place: OutputPlace | undefined;

  private constructor(lines: LineOutput, place: OutputPlace | undefined) {
    this.#lines = lines;
    this.#place = place;
  }

  /** @param path `-` for standard output */
  static async open(path: string): Promise<TextFile> {
    if (path === STANDARD_OUTPUT) return new TextFile(openLineOutput(path), undefined);
    const place = await OutputPlace.at(path);
    return new TextFile(openLineOutput(place.partial), place);
  }

  write(text: string): Promise<void> {
    return this.#lines.write(text);
  }

  async close(): Promise<void> {
    this.#lines.close();
    await this.#place?.commit();
  }

  async abort(): Promise<void> {
    this.#lines.close();
    await this.#place?.discard();
  }
}
