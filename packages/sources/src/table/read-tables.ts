import type { TableSourceConfig } from '@edgeguard/contracts';
import { UserError } from '@edgeguard/contracts/problems';
import type { ColumnBatch } from '@edgeguard/contracts/arrow';
import { type ColumnPlaces, findColumnPlaces } from './column-places.ts';
import { MalformedRows } from './malformed-rows.ts';
import { openTable } from './open-table.ts';
import { RowParser, type RowProblem } from './row-parser.ts';

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
  /** Labels that the config calls normal and no row has: misspelt, perhaps. Known when all batches were read. */
  unmetNormalLabels: readonly string[] = [];
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
    if (!label) return;
    this.unmetNormalLabels = label.normal.filter((name) => !parser.normalLabels.has(name));
    const labelled = parser.normalLabels.size + parser.otherLabels.size > 0;
    if (labelled && parser.normalLabels.size === 0 && this.filesWithoutLabel.length === 0) {
      throw new UserError(
        'collect.source.label.normal',
        `no row has a label of ${label.normal.join(', ')}`,
        `name labels of column "${label.column}": ${[...parser.otherLabels].join(', ')}`,
      );
    }
  }

  async *#fileBatches(file: TableFile, parser: RowParser): AsyncGenerator<ColumnBatch> {
    const { delimiter, header } = this.#config;
    const table = await openTable(file.path, {
      delimiter,
      header,
      signal: this.#options.signal,
      onBytes: (bytes) => this.#options.onProgress?.(file, bytes),
      onBroken: (line, problem) => this.malformed.add(`${file.name}: line ${line}`, problem, problem),
    });
    try {
      const places = findColumnPlaces(file.name, this.#config, table.header);
      if (this.#config.label && places.label === undefined) this.filesWithoutLabel.push(file.name);
      const wanted = [...places.kept, places.label, places.attack].filter((place) => place !== undefined);
      for await (const { cells, at } of table.records(wanted)) {
        const problem = problemOf(cells, places) ?? parser.add(cells, places);
        if (problem) this.malformed.add(`${file.name}: ${table.unit} ${at}`, problem.reason, problem.detail);
        if (parser.length === ROWS_PER_BATCH) yield parser.take();
      }
    } finally {
      await table.close();
    }
  }
}

function problemOf(cells: readonly string[], places: ColumnPlaces): RowProblem | undefined {
  if (cells.length === places.cells) return undefined;
  const detail = `${cells.length} cells where ${places.cells} are expected`;
  return { reason: 'another number of cells', detail };
}
