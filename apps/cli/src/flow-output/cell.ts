import type { Column } from '@edgeguard/contracts';
import type { ColumnValues } from '@edgeguard/contracts/arrow';
import { isoTime } from '@edgeguard/runtime/output';
import { float32Number } from './number-text.ts';

/** Reads one value of a column for a text format: numbers as short as they can be, times in ISO 8601. */
export type CellReader = (values: ColumnValues, row: number) => string | number;

/** How to read the values of a column. */
export function cellReader({ type }: Column): CellReader {
  switch (type) {
    case 'timestamp':
      return (values, row) => isoTime((values as BigInt64Array)[row]!);
    case 'int64':
      return (values, row) => exactInteger((values as BigInt64Array)[row]!);
    case 'float32':
      return (values, row) => float32Number((values as Float32Array)[row]!);
    default:
      return (values, row) => values[row] as string | number;
  }
}

/** A number where it holds the integer exactly, else its digits. */
function exactInteger(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}
