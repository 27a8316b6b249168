import type { DatasetSchema } from '@edgeguard/contracts';
import type { ColumnBatch } from '@edgeguard/contracts/arrow';
import { type CellReader, cellReader } from './cell.ts';
import type { RowWriter } from './row-writer.ts';
import type { TextFile } from './text-file.ts';

/** Rows as JSON objects, one a line. NaN and infinity, which JSON lacks, are null. */
export class JsonLinesWriter implements RowWriter {
  readonly #names: readonly string[];
  readonly #cells: readonly CellReader[];
  readonly #file: TextFile;

  /** @param file where the text goes */
  constructor(schema: DatasetSchema, file: TextFile) {
    this.#names = schema.columns.map((column) => column.name);
    this.#cells = schema.columns.map(cellReader);
    this.#file = file;
  }

  async write(batch: ColumnBatch): Promise<void> {
    const columns = this.#names.map((name) => batch.columns[name]!);
    const lines: string[] = [];
    for (let row = 0; row < batch.length; row++) {
      const object: Record<string, string | number> = {};
      this.#names.forEach((name, c) => {
        object[name] = this.#cells[c]!(columns[c]!, row);
      });
      lines.push(`${JSON.stringify(object)}\n`);
    }
    await this.#file.write(lines.join(''));
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  abort(): Promise<void> {
    return this.#file.abort();
  }
}
