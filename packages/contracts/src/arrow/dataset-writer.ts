import { open, type FileHandle } from 'node:fs/promises';
import * as arrow from 'apache-arrow';
import type { DatasetSchema } from '../schema/dataset-schema.ts';
import { fileProblem } from '../files/file-problem.ts';
import { ROWS_PER_BATCH, toArrowSchema } from './arrow-schema.ts';
import { allocateColumn, type ColumnBatch, type ColumnValues } from './column-batch.ts';

/**
 * Writes a dataset as an Arrow IPC file, uncompressed, in batches of {@link ROWS_PER_BATCH} rows however the rows
 * arrive. Holds one batch in memory. The bytes depend on the rows alone.
 */
export class DatasetWriter {
  readonly schema: DatasetSchema;
  readonly path: string;
  #rows = 0;
  #filled = 0;
  readonly #pending: Record<string, ReturnType<typeof allocateColumn>>;
  readonly #arrowSchema: arrow.Schema;
  readonly #encoder = new FileEncoder();
  #file: FileHandle | undefined;

  /**
   * @param path     the file to write; the caller owns atomicity (see OutputFolder)
   * @param metadata further schema-level metadata
   */
  constructor(path: string, schema: DatasetSchema, metadata: Readonly<Record<string, string>> = {}) {
    this.path = path;
    this.schema = schema;
    this.#arrowSchema = toArrowSchema(schema, metadata);
    this.#pending = Object.fromEntries(schema.columns.map((c) => [c.name, allocateColumn(c.type, ROWS_PER_BATCH)]));
    this.#encoder.reset(undefined, this.#arrowSchema);
  }

  /** Rows written so far. */
  get rows(): number {
    return this.#rows;
  }

  /** Appends rows. Resolves when the writer can take more. */
  async write(batch: ColumnBatch): Promise<void> {
    let from = 0;
    while (from < batch.length) {
      const count = Math.min(batch.length - from, ROWS_PER_BATCH - this.#filled);
      for (const { name } of this.schema.columns) {
        const values = batch.columns[name];
        if (!values) throw new Error(`${this.path}: rows lack the column ${name}`);
        copyValues(values, from, count, this.#pending[name]!, this.#filled);
      }
      this.#filled += count;
      this.#rows += count;
      from += count;
      if (this.#filled === ROWS_PER_BATCH) await this.#flush();
    }
  }

  /** Writes what is left and the footer. The file is complete when this resolves. */
  async close(): Promise<void> {
    if (this.#filled > 0) await this.#flush();
    this.#encoder.finish();
    await this.#writeChunks();
    await this.#closeFile();
  }

  /** Gives the file up; what was written so far is not a dataset. */
  async abort(): Promise<void> {
    await this.#closeFile();
  }

  async #flush(): Promise<void> {
    const rows = this.#filled;
    const children = this.#arrowSchema.fields.map((field) => toArrowData(field, this.#pending[field.name]!, rows));
    const data = arrow.makeData({
      type: new arrow.Struct(this.#arrowSchema.fields),
      length: rows,
      nullCount: 0,
      children,
    });
    this.#encoder.write(new arrow.RecordBatch(this.#arrowSchema, data));
    // The chunks are views of the pending columns, which take new rows only after the chunks are on their way.
    await this.#writeChunks();
    this.#filled = 0;
  }

  async #writeChunks(): Promise<void> {
    try {
      this.#file ??= await open(this.path, 'w');
      for (const chunk of this.#encoder.takeChunks()) await writeFully(this.#file, chunk);
    } catch (error) {
      await this.#closeFile().catch(() => undefined);
      throw fileProblem(this.path, error);
    }
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }
}

/** Arrow's file encoder, with its output kept at hand instead of in a queue that nobody can wait for. */
class FileEncoder extends arrow.RecordBatchFileWriter {
  #chunks: Uint8Array[] = [];

  takeChunks(): Uint8Array[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    return chunks;
  }

  protected override _write(chunk: ArrayBufferView): this {
    if (!this._started) return this;
    const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (bytes.length > 0) this.#chunks.push(bytes);
    this._position += bytes.length;
    return this;
  }
}

/** Writes all bytes; a single write may take fewer. */
async function writeFully(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at, bytes.length - at)).bytesWritten;
}

function copyValues(
  from: ColumnValues,
  fromIndex: number,
  count: number,
  to: ReturnType<typeof allocateColumn>,
  toIndex: number,
): void {
  if (Array.isArray(from) !== Array.isArray(to)) throw new TypeError('column values do not fit the column type');
  if (Array.isArray(to)) {
    for (let i = 0; i < count; i++) to[toIndex + i] = from[fromIndex + i] as string;
  } else {
    (to as Float64Array).set((from as Float64Array).subarray(fromIndex, fromIndex + count), toIndex);
  }
}

function toArrowData(field: arrow.Field, values: ReturnType<typeof allocateColumn>, rows: number): arrow.Data {
  if (Array.isArray(values)) return utf8Data(values, rows);
  const data = values.subarray(0, rows);
  return arrow.makeData({ type: field.type, length: rows, nullCount: 0, data } as never);
}

function utf8Data(values: readonly string[], rows: number): arrow.Data {
  const offsets = new Int32Array(rows + 1);
  let size = 0;
  for (let i = 0; i < rows; i++) size += Buffer.byteLength(values[i]!);
  const bytes = Buffer.alloc(size);
  let at = 0;
  for (let i = 0; i < rows; i++) {
    at += bytes.write(values[i]!, at);
    offsets[i + 1] = at;
  }
  return arrow.makeData({ type: new arrow.Utf8(), length: rows, nullCount: 0, valueOffsets: offsets, data: bytes });
}
