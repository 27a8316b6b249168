import type { AlertSubject } from '../alert/alert.ts';
import type { ScoreBatch } from './score-batch.ts';

/** A row of a table, ready to be scored. */
export interface TableRecord {
  /** Traffic time, where the table has one; else that of the run. */
  readonly time: bigint;
  /** Rows are scored when a batch is full: they do not come as time passes. */
  readonly timeSeconds: 0;
  readonly table: string;
  readonly number: number;
  /** Raw values [F]. */
  readonly features: Float32Array;
}

/** Rows of tables that wait to be scored together. */
export class TableBatch implements ScoreBatch<TableRecord> {
  readonly records: {
    length: number;
    full: boolean;
    readonly width: number;
    readonly features: Float32Array;
    readonly timeSeconds: Float64Array;
    readonly coldStart: Uint8Array;
    clear(): void;
  };
  readonly #rows: TableRecord[] = [];

  constructor(capacity: number, width: number) {
    const rows = this.#rows;
    this.records = {
      get length() {
        return rows.length;
      },
      get full() {
        return rows.length === capacity;
      },
      width,
      features: new Float32Array(capacity * width),
      timeSeconds: new Float64Array(capacity),
      coldStart: new Uint8Array(capacity),
      clear: () => {
        rows.length = 0;
      },
    };
  }

  add(record: TableRecord): void {
    this.records.features.set(record.features, this.#rows.length * this.records.width);
    this.#rows.push(record);
  }

  source(row: number): string {
    return this.#rows[row]!.table;
  }

  about(row: number): AlertSubject {
    const { time, table, number } = this.#rows[row]!;
    return { time, row: { table, number } };
  }
}
