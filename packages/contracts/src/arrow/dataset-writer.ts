import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
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
  #pending: Record<string, ReturnType<typeof allocateColumn>>;
  readonly #arrowSchema: arrow.Schema;
  readonly #writer: arrow.RecordBatchFileWriter;
  readonly #file: WriteStream;
  #failure: unknown;
  readonly #pump: Promise<void>;

  /**
   * @param path     the file to write; the caller owns atomicity (see OutputFolder)
   * @param metadata further schema-level metadata
   */
  constructor(path: string, schema: DatasetSchema, metadata: Readonly<Record<string, string>> = {}) {
    this.path = path;
    this.schema = schema;
    this.#arrowSchema = toArrowSchema(schema, metadata);
    this.#pending = this.#allocate();
    this.#writer = new arrow.RecordBatchFileWriter();
    this.#writer.reset(undefined, this.#arrowSchema);
    this.#file = createWriteStream(path);
    this.#file.on('error', (error) => {
      this.#failure ??= error;
    });
    this.#pump = this.#pumpToFile();
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
    this.#writer.finish();
    await this.#pump;
    this.#throwFailure();
  }

  /** Gives the file up; what was written so far is not a dataset. */
  async abort(): Promise<void> {
    this.#writer.abort();
    this.#file.destroy();
    await this.#pump.catch(() => undefined);
  }

  #allocate(): Record<string, ReturnType<typeof allocateColumn>> {
    return Object.fromEntries(this.schema.columns.map((c) => [c.name, allocateColumn(c.type, ROWS_PER_BATCH)]));
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
    this.#writer.write(new arrow.RecordBatch(this.#arrowSchema, data));
    // The batch keeps views of the arrays it was made of until it is on disk, so the next one gets new arrays.
    this.#pending = this.#allocate();
    this.#filled = 0;
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#file.writableNeedDrain && !this.#failure) {
      // `once` rejects on 'error'; the listener above has kept that error.
      await once(this.#file, 'drain').catch(() => undefined);
    }
    this.#throwFailure();
  }

  async #pumpToFile(): Promise<void> {
    try {
      for await (const chunk of this.#writer) {
        if (this.#failure) break;
        if (!this.#file.write(chunk)) await once(this.#file, 'drain');
      }
      this.#file.end();
      await finished(this.#file);
    } catch (error) {
      this.#failure ??= error;
    }
  }

  #throwFailure(): void {
    if (this.#failure) throw fileProblem(this.path, this.#failure);
  }
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
