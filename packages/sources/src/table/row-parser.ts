import type { TableColumnConfig, TableSourceConfig } from '@edgeguard/contracts';
import type { ColumnBatch, ColumnValues } from '@edgeguard/contracts/arrow';
import { CellProblem, parseNumber, parseTime } from './cell.ts';
import type { ColumnPlaces } from './column-places.ts';
import { keptColumns } from './table-schema.ts';

/** Labels named in an error at most. */
const LABELS_NAMED = 20;

/** Why a row was not taken. */
export interface RowProblem {
  /** Without the cell's content: reasons are counted. */
  readonly reason: string;
  readonly detail: string;
}

/** Takes the cells of one column, row by row. Throws a {@link CellProblem}. */
interface CellParser {
  parse(cell: string, row: number): void;
  values(length: number): ColumnValues;
}

/** Turns rows of cells into a batch of columns. */
export class RowParser {
  /** Rows of the batch so far. */
  length = 0;
  /** Name of the file that the next rows come from. */
  file = '';
  /** Labels of normal rows that were met. */
  readonly normalLabels = new Set<string>();
  /** Other labels that were met, the first of them. */
  readonly otherLabels = new Set<string>();
  readonly #columns: readonly TableColumnConfig[];
  readonly #parsers: readonly CellParser[];
  readonly #files: string[] = [];
  readonly #labels: string[] = [];
  readonly #attacks: string[] = [];
  readonly #normal: ReadonlySet<string>;
  readonly #unknown: ReadonlySet<string>;

  constructor(config: TableSourceConfig, capacity: number) {
    this.#columns = keptColumns(config);
    this.#parsers = this.#columns.map((column) => parserOf(column, capacity));
    this.#normal = new Set(config.label?.normal);
    this.#unknown = new Set(config.label?.unknown);
  }

  /** Adds a row. Returns why it could not be taken. */
  add(cells: readonly string[], places: ColumnPlaces): RowProblem | undefined {
    const row = this.length;
    for (let column = 0; column < this.#parsers.length; column++) {
      try {
        this.#parsers[column]!.parse(cells[places.kept[column]!]!, row);
      } catch (error) {
        if (!(error instanceof CellProblem)) throw error;
        const { name } = this.#columns[column]!;
        return { reason: `no value in column ${name}`, detail: `column ${name}: ${error.message}` };
      }
    }
    this.#label(cells, places, row);
    this.length++;
    return undefined;
  }

  /** Hands the batch over and begins a new one in the same memory. */
  take(): ColumnBatch {
    const { length } = this;
    const columns = this.#parsers.map((parser, i): [string, ColumnValues] => [
      this.#columns[i]!.name,
      parser.values(length),
    ]);
    this.length = 0;
    return {
      length,
      columns: { ...Object.fromEntries(columns), file: this.#files, label: this.#labels, attack: this.#attacks },
    };
  }

  #label(cells: readonly string[], places: ColumnPlaces, row: number): void {
    this.#files[row] = this.file;
    const given = places.label === undefined ? undefined : cells[places.label]!;
    if (given === undefined || this.#normal.has(given)) {
      this.#labels[row] = 'normal';
      this.#attacks[row] = '';
      if (given !== undefined) this.normalLabels.add(given);
    } else if (this.#unknown.has(given)) {
      this.#labels[row] = 'unknown';
      this.#attacks[row] = '';
    } else {
      this.#labels[row] = 'attack';
      this.#attacks[row] = (places.attack === undefined ? '' : cells[places.attack]!) || given;
      if (this.otherLabels.size < LABELS_NAMED) this.otherLabels.add(given);
    }
  }
}

function parserOf(column: TableColumnConfig, capacity: number): CellParser {
  if (column.role === 'time') {
    const values = new BigInt64Array(capacity);
    return {
      parse: (cell, row) => {
        values[row] = parseTime(cell, column.format);
      },
      values: (length) => values.subarray(0, length),
    };
  }
  if (column.role === 'feature' && column.kind !== 'category') {
    const values = new Float32Array(capacity);
    return {
      parse: (cell, row) => {
        values[row] = parseNumber(cell, column);
      },
      values: (length) => values.subarray(0, length),
    };
  }
  const values: string[] = [];
  const empty = String(column.empty ?? '');
  return {
    parse: (cell, row) => {
      values[row] = cell === '' ? empty : cell;
    },
    values: () => values,
  };
}
