import type { ColumnBatch } from '@edgeguard/contracts/arrow';

/** Writes rows of one schema in some format. */
export interface RowWriter {
  /** Appends rows. Resolves when more can be taken. */
  write(batch: ColumnBatch): Promise<void>;
  /** Ends the file and moves it into place. */
  close(): Promise<void>;
  /** Gives the file up: nothing is left that looks finished. */
  abort(): Promise<void>;
}
