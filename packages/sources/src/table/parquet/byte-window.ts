import type { FileHandle } from 'node:fs/promises';
import { ParquetDamage } from './damage.ts';

/** Bytes read at a time. */
const STEP = 1 << 16;

/** Reads a part of a file forward, holding no more of it than was asked for and a step. */
export class ByteWindow {
  /** Where the next byte is, in the file. */
  position: number;
  readonly #file: FileHandle;
  readonly #end: number;
  readonly #onBytes: (bytes: number) => void;
  #buffer: Uint8Array = new Uint8Array(0);
  #start = 0;

  constructor(file: FileHandle, start: number, end: number, onBytes: (bytes: number) => void) {
    this.#file = file;
    this.position = start;
    this.#end = end;
    this.#onBytes = onBytes;
  }

  get remaining(): number {
    return this.#end - this.position;
  }

  /** The next bytes: `length` of them, or fewer at the end of the part. Valid until the next call. */
  async peek(length: number): Promise<Uint8Array> {
    const wanted = Math.min(length, this.remaining);
    let from = this.position - this.#start;
    if (from + wanted > this.#buffer.length) {
      const kept = this.#buffer.subarray(Math.min(from, this.#buffer.length));
      const bytes = new Uint8Array(Math.min(Math.max(wanted, STEP), this.remaining));
      bytes.set(kept);
      for (let filled = kept.length; filled < bytes.length;) {
        const { bytesRead } = await this.#file.read(bytes, filled, bytes.length - filled, this.position + filled);
        if (bytesRead === 0) throw new ParquetDamage('it ends early');
        filled += bytesRead;
        this.#onBytes(bytesRead);
      }
      this.#buffer = bytes;
      this.#start = this.position;
      from = 0;
    }
    return this.#buffer.subarray(from, from + wanted);
  }

  /** The next bytes, exactly `length` of them. */
  async take(length: number): Promise<Uint8Array> {
    if (length > this.remaining) throw new ParquetDamage('a page reaches beyond its column');
    const bytes = await this.peek(length);
    this.position += length;
    return bytes;
  }
}
