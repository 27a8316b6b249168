import type { ColumnType } from '../schema/column.ts';

/** The values of one column of some rows. Timestamps and int64 are BigInt64Array. */
export type ColumnValues =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | readonly string[];

/** Some rows, column by column. Every column of the schema is present and has at least `length` values. */
export interface ColumnBatch {
  readonly length: number;
  readonly columns: Readonly<Record<string, ColumnValues>>;
}

/** Room for `length` values of a column. */
export function allocateColumn(type: ColumnType, length: number): Exclude<ColumnValues, readonly string[]> | string[] {
  switch (type) {
    case 'float32':
      return new Float32Array(length);
    case 'float64':
      return new Float64Array(length);
    case 'uint8':
      return new Uint8Array(length);
    case 'uint16':
      return new Uint16Array(length);
    case 'uint32':
      return new Uint32Array(length);
    case 'int64':
    case 'timestamp':
      return new BigInt64Array(length);
    case 'utf8':
      return Array.from<string>({ length }).fill('');
  }
}
