import { open, type FileHandle } from 'node:fs/promises';
import * as arrow from 'apache-arrow';
import { fileProblem } from '../files/file-problem.ts';
import type { DatasetSchema } from '../schema/dataset-schema.ts';
import { UserError } from '../user-error.ts';
import { fromArrowSchema, SchemaProblem } from './arrow-schema.ts';
import { assertWhole, verifyArrowFile, verifyBatchAt, withoutEndlessReads } from './untrusted.ts';
import type { BatchBlock } from './verify-metadata.ts';

/** Rows of a dataset as they lie in the file: numeric columns are views of the file's own buffers. */
export class DatasetBatch {
  readonly length: number;
  readonly #batch: arrow.RecordBatch;

  constructor(batch: arrow.RecordBatch) {
    this.#batch = batch;
    this.length = batch.numRows;
  }

  /** Values of a float32 column. */
  floats(name: string): Float32Array {
    return this.#values(name, Float32Array);
  }

  /** Values of any numeric column but int64 and timestamp. */
  numbers(name: string): Float32Array | Float64Array | Uint8Array | Uint16Array | Uint32Array {
    const values: unknown = this.#vector(name).toArray();
    if (values instanceof BigInt64Array || Array.isArray(values)) throw new TypeError(`column ${name} is not numeric`);
    return values as Float32Array;
  }

  /** Values of an int64 or timestamp column; timestamps in nanoseconds since the Unix epoch. */
  bigints(name: string): BigInt64Array {
    const data = this.#vector(name).data[0];
    if (!(data?.values instanceof BigInt64Array)) throw new TypeError(`column ${name} is not int64`);
    return data.values.subarray(0, this.length);
  }

  /** Values of a utf8 column. */
  strings(name: string): string[] {
    return Array.from(this.#vector(name) as arrow.Vector<arrow.Utf8>, (value) => value ?? '');
  }

  #vector(name: string): arrow.Vector {
    const vector = this.#batch.getChild(name);
    if (!vector) throw new Error(`no column ${name}`);
    return vector;
  }

  #values<T>(name: string, kind: new (...parameters: never[]) => T): T {
    const values: unknown = this.#vector(name).toArray();
    if (!(values instanceof kind)) throw new TypeError(`column ${name} is not ${kind.name}`);
    return values;
  }
}

/** Reads a dataset batch by batch, so that one larger than memory works. */
export class DatasetReader {
  readonly path: string;
  readonly schema: DatasetSchema;
  /** Number of record batches. */
  readonly batchCount: number;
  /** Schema-level metadata. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly #file: FileHandle;
  readonly #blocks: readonly BatchBlock[];
  readonly #reader: arrow.AsyncRecordBatchFileReader;

  private constructor(
    path: string,
    file: FileHandle,
    reader: arrow.AsyncRecordBatchFileReader,
    blocks: readonly BatchBlock[],
  ) {
    this.path = path;
    this.schema = fromArrowSchema(reader.schema);
    this.#blocks = blocks;
    this.#file = file;
    this.#reader = reader;
    this.batchCount = blocks.length;
    this.metadata = reader.schema.metadata;
  }

  /** Opens a dataset. Throws a UserError for a missing, truncated or foreign file. */
  static async open(path: string): Promise<DatasetReader> {
    let file: FileHandle | undefined;
    try {
      file = await open(path, 'r');
      const blocks = await verifyArrowFile(path, file);
      const reader = (await arrow.RecordBatchReader.from(
        withoutEndlessReads(file),
      )) as unknown as arrow.AsyncRecordBatchFileReader;
      await reader.open({ autoDestroy: false });
      return new DatasetReader(path, file, reader, blocks);
    } catch (error) {
      await file?.close();
      throw readProblem(path, error);
    }
  }

  /** The batch at `index`. */
  async batch(index: number): Promise<DatasetBatch> {
    const block = this.#blocks[index];
    if (!block) throw new RangeError(`no batch ${index} of ${this.batchCount}`);
    try {
      await verifyBatchAt(this.#file, block);
      const batch = await this.#reader.readRecordBatch(index);
      if (!batch) throw new Error(`record batch ${index} is missing`);
      assertWhole(batch);
      return new DatasetBatch(batch);
    } catch (error) {
      throw readProblem(this.path, error);
    }
  }

  /** All batches in order. */
  async *batches(): AsyncGenerator<DatasetBatch> {
    for (let index = 0; index < this.batchCount; index++) yield await this.batch(index);
  }

  /** Rows in the whole file; reads every batch's header. */
  async countRows(): Promise<number> {
    let rows = 0;
    for await (const batch of this.batches()) rows += batch.length;
    return rows;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

function readProblem(path: string, error: unknown): unknown {
  if (error instanceof UserError) return error;
  if (error instanceof SchemaProblem) {
    return new UserError(path, `not a dataset of EdgeGuard: ${error.message}`, 'name a dataset that a stage wrote');
  }
  const problem = fileProblem(path, error);
  if (problem !== error) return problem;
  const detail = error instanceof Error ? error.message : String(error);
  return new UserError(path, `the Arrow file is damaged (${detail})`, 'make it again', { cause: error });
}
