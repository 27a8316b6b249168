import type { TableSourceConfig } from '@edgeguard/contracts';
import { UserError } from '@edgeguard/contracts/problems';
import type { ColumnBatch } from '@edgeguard/contracts/arrow';
import { type ColumnPlaces, findColumnPlaces } from './column-places.ts';
import { type CsvRecord, readCsv } from './csv-records.ts';
import { MalformedRows } from './malformed-rows.ts';
import { RowParser } from './row-parser.ts';

/** Rows handed over at a time. */
const ROWS_PER_BATCH = 8192;

/** A file of rows. */
export interface TableFile {
  readonly path: string;
  /** What the column `file` and errors call it. */
  readonly name: string;
}

export interface ReadTablesOptions {
  readonly signal: AbortSignal;
  /** Called now and then with the (packed) bytes of this file that were read. */
  readonly onProgress?: (file: TableFile, bytesRead: number) => void;
}

/** Reads tables of rows, one file after another, as the dataset that `tableSchema` describes. */
export class TableReader {
  readonly malformed: MalformedRows;
  /** Files that have no label column: all their rows are normal. */
  readonly filesWithoutLabel: string[] = [];
  readonly #config: TableSourceConfig;
  readonly #options: ReadTablesOptions;

  constructor(config: TableSourceConfig, options: ReadTablesOptions) {
    this.#config = config;
    this.#options = options;
    this.malformed = new MalformedRows(config.maxMalformed);
  }

  /**
   * The rows in batches. A batch is valid until the next one is asked for. Malformed rows are left out and counted.
   *
   * @throws UserError for a file that cannot be read, columns that do not fit, or too many malformed rows
   */
  async *batches(files: readonly TableFile[]): AsyncGenerator<ColumnBatch> {
    const parser = new RowParser(this.#config, ROWS_PER_BATCH);
    for (const file of files) {
      parser.file = file.name;
      yield* this.#fileBatches(file, parser);
      if (parser.length > 0) yield parser.take();
    }
    const { label } = this.#config;
    if (label && this.filesWithoutLabel.length === files.length) {
      throw new UserError(
        'collect.source.label.column',
        `no file has a column "${label.column}"`,
        'correct it, or leave collect.source.label out: all rows are then normal',
      );
    }
  }

  async *#fileBatches(file: TableFile, parser: RowParser): AsyncGenerator<ColumnBatch> {
    const { delimiter, header } = this.#config;
    let places: ColumnPlaces | undefined;
    const records = readCsv(file.path, {
      delimiter,
      signal: this.#options.signal,
      onBytes: (bytes) => this.#options.onProgress?.(file, bytes),
      onBroken: (line, problem) => this.malformed.add(file.name, line, problem, problem),
    });
    for await (const record of records) {
      if (!places) {
        places = findColumnPlaces(file.name, this.#config, header ? record.cells : undefined);
        if (this.#config.label && places.label === undefined) this.filesWithoutLabel.push(file.name);
        if (header) continue;
      }
      this.#add(file, record, places, parser);
      if (parser.length === ROWS_PER_BATCH) yield parser.take();
    }
    if (!places) throw new UserError(file.path, 'it is empty', 'name a table with rows');
  }

  #add(file: TableFile, { cells, line }: CsvRecord, places: ColumnPlaces, parser: RowParser): void {
    if (cells.length !== places.cells) {
      const detail = `${cells.length} cells where ${places.cells} are expected`;
      this.malformed.add(file.name, line, 'another number of cells', detail);
      return;
    }
    const problem = parser.add(cells, places);
    if (problem) this.malformed.add(file.name, line, problem.reason, problem.detail);
  }
}
