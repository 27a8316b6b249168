import type { DatasetSchema } from '@edgeguard/contracts';
import type { ColumnBatch } from '@edgeguard/contracts/arrow';
import { type CellReader, cellReader } from './cell.ts';
import type { TextFile } from './text-file.ts';
import type { RowWriter } from './row-writer.ts';

/** Rows as CSV (RFC 4180) with a header, lines ended by a line feed. */
export class CsvWriter implements RowWriter {
  readonly #names: readonly string[];
  readonly #cells: readonly CellReader[];
  readonly #file: TextFile;
  #header: string;

  /** @param file where the text goes */
  constructor(schema: DatasetSchema, file: TextFile) {
    this.#names = schema.columns.map((column) => column.name);
    this.#cells = schema.columns.map(cellReader);
    this.#header = `${this.#names.map(quoted).join(',')}\n`;
    this.#file = file;
  }

  async write(batch: ColumnBatch): Promise<void> {
    const columns = this.#names.map((name) => batch.columns[name]!);
    const lines = [this.#header];
    this.#header = '';
    for (let row = 0; row < batch.length; row++) {
      lines.push(`${columns.map((values, c) => quoted(this.#cells[c]!(values, row))).join(',')}\n`);
    }
    await this.#file.write(lines.join(''));
  }

  async close(): Promise<void> {
    if (this.#header) await this.#file.write(this.#header);
    await this.#file.close();
  }

  abort(): Promise<void> {
    return this.#file.abort();
  }
}

/** A value as a cell of CSV. */
export function quoted(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
