import { open, rm, type FileHandle } from 'node:fs/promises';
import { fileProblem } from '@edgeguard/contracts';

/** Model inputs [rows, width], read in any order. */
export interface RowStore {
  readonly rows: number;
  readonly width: number;
  /** Copies rows [first, first + count) into `out`, `stride` values from one row to the next. */
  read(first: number, count: number, out: Float32Array, stride: number): Promise<void>;
  /** Frees what the store holds. */
  close(): Promise<void>;
}

/** Values kept in memory before rows go to a file: 128 MB. */
const MEMORY_VALUES = 32 * 1024 * 1024;

/** Takes model inputs as they come, in memory while they fit and in a scratch file beyond. */
export class RowStoreBuilder {
  readonly #width: number;
  readonly #scratch: string;
  readonly #memoryValues: number;
  #blocks: Float32Array[] = [];
  #values = 0;
  #file: FileHandle | undefined;

  /** @param scratch path of the scratch file, which is made only when it is needed */
  constructor(width: number, scratch: string, memoryValues = MEMORY_VALUES) {
    this.#width = width;
    this.#scratch = scratch;
    this.#memoryValues = memoryValues;
  }

  /** Appends rows: `values` is row-major without padding, and is copied. */
  async append(values: Float32Array): Promise<void> {
    if (!this.#file && this.#values + values.length > this.#memoryValues) await this.#moveToFile();
    if (this.#file) await writeValues(this.#scratch, this.#file, values, this.#values);
    else this.#blocks.push(values.slice());
    this.#values += values.length;
  }

  finish(): RowStore {
    const rows = this.#values / this.#width;
    if (this.#file) return new FileRows(rows, this.#width, this.#scratch, this.#file);
    return new MemoryRows(rows, this.#width, this.#blocks);
  }

  async #moveToFile(): Promise<void> {
    try {
      this.#file = await open(this.#scratch, 'w+');
    } catch (error) {
      throw fileProblem(this.#scratch, error);
    }
    let at = 0;
    for (const block of this.#blocks) {
      await writeValues(this.#scratch, this.#file, block, at);
      at += block.length;
    }
    this.#blocks = [];
  }
}

class MemoryRows implements RowStore {
  readonly rows: number;
  readonly width: number;
  #blocks: Float32Array[];

  constructor(rows: number, width: number, blocks: Float32Array[]) {
    this.rows = rows;
    this.width = width;
    this.#blocks = blocks;
  }

  async read(first: number, count: number, out: Float32Array, stride: number): Promise<void> {
    let skip = first;
    let written = 0;
    for (const block of this.#blocks) {
      const rows = block.length / this.width;
      for (let row = skip; row < rows && written < count; row++, written++) {
        out.set(block.subarray(row * this.width, (row + 1) * this.width), written * stride);
      }
      skip = Math.max(0, skip - rows);
      if (written === count) return;
    }
    throw new RangeError(`rows ${first} to ${first + count} of ${this.rows}`);
  }

  async close(): Promise<void> {
    this.#blocks = [];
  }
}

class FileRows implements RowStore {
  readonly rows: number;
  readonly width: number;
  readonly #path: string;
  readonly #file: FileHandle;
  #buffer = new Float32Array(0);

  constructor(rows: number, width: number, path: string, file: FileHandle) {
    this.rows = rows;
    this.width = width;
    this.#path = path;
    this.#file = file;
  }

  async read(first: number, count: number, out: Float32Array, stride: number): Promise<void> {
    const values = count * this.width;
    if (this.#buffer.length < values) this.#buffer = new Float32Array(values);
    const bytes = new Uint8Array(this.#buffer.buffer, 0, values * 4);
    let done = 0;
    while (done < bytes.length) {
      const { bytesRead } = await this.#file.read(bytes, done, bytes.length - done, first * this.width * 4 + done);
      if (bytesRead === 0) throw new RangeError(`${this.#path}: rows ${first} to ${first + count} of ${this.rows}`);
      done += bytesRead;
    }
    for (let row = 0; row < count; row++) {
      out.set(this.#buffer.subarray(row * this.width, (row + 1) * this.width), row * stride);
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
    await rm(this.#path, { force: true });
  }
}

async function writeValues(path: string, file: FileHandle, values: Float32Array, at: number): Promise<void> {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  try {
    for (let done = 0; done < bytes.length;) {
      done += (await file.write(bytes, done, bytes.length - done, at * 4 + done)).bytesWritten;
    }
  } catch (error) {
    throw fileProblem(path, error);
  }
}
