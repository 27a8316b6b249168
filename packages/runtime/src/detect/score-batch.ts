import type { AlertSubject } from '../alert/alert.ts';

/** Rows that wait to be scored together. */
export interface ScoreBatch<R> {
  readonly records: {
    readonly length: number;
    readonly full: boolean;
    /** Features per row. */
    readonly width: number;
    /** Row-major. */
    readonly features: Float32Array;
    readonly timeSeconds: Float64Array;
    /** 1 while the windows are still filling. */
    readonly coldStart: Uint8Array;
    clear(): void;
  };
  /** Copies a record into the next row of a batch that is not full. */
  add(record: R): void;
  /** Who acts in a row. */
  source(row: number): string;
  /** Who and when a row is about. */
  about(row: number): AlertSubject;
}
