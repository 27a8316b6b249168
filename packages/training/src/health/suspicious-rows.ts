import type { Column, DatasetSchema } from '@edgeguard/contracts';
import {
  allocateColumn,
  type ColumnBatch,
  type DatasetBatch,
  DatasetReader,
  DatasetWriter,
} from '@edgeguard/contracts/arrow';

/** Rows listed at most, those with the largest errors. */
const MOST_ROWS = 10_000;

/** A split whose worst rows took no part in training. */
export interface TrimmedSplit {
  readonly name: 'train' | 'validation';
  readonly path: string;
  /** Reconstruction error of every finite row, by the trained network. */
  readonly errors: Float64Array;
  /** Rows that were left out, and the numbers in the file of those that were not finite. */
  readonly trimmed: number;
  readonly nonFinite: readonly number[];
}

/**
 * Writes `suspicious.arrow`: the rows with the largest reconstruction errors of each split, with their number in its
 * file (from 0), the error, and who and when they are.
 *
 * @returns the number of rows
 */
export async function writeSuspiciousRows(path: string, splits: readonly TrimmedSplit[]): Promise<number> {
  let writer: DatasetWriter | undefined;
  let rows = 0;
  try {
    for (const split of splits) {
      const reader = await DatasetReader.open(split.path);
      try {
        const kept = reader.schema.columns.filter(({ role }) => role === 'time' || role === 'identity');
        writer ??= new DatasetWriter(path, schemaOf(kept));
        const worst = worstRows(split);
        rows += worst.size;
        let first = 0;
        for await (const batch of reader.batches()) {
          await writer.write(select(split.name, batch, first, worst, kept));
          first += batch.length;
        }
      } finally {
        await reader.close();
      }
    }
    await writer?.close();
    return rows;
  } catch (error) {
    await writer?.abort();
    throw error;
  }
}

function schemaOf(kept: readonly Column[]): DatasetSchema {
  return {
    name: 'suspicious-rows',
    version: 1,
    columns: [
      { name: 'split', role: 'split', type: 'utf8' },
      { name: 'row', role: 'ignore', type: 'uint32' },
      { name: 'error', role: 'ignore', type: 'float64' },
      ...kept.map((column) => ({ ...column, name: `rows.${column.name}` })),
    ],
  };
}

/** Errors of the worst rows by their number in the file. */
function worstRows({ errors, trimmed, nonFinite }: TrimmedSplit): Map<number, number> {
  const byError = Array.from(errors.keys()).sort((a, b) => errors[b]! - errors[a]! || a - b);
  const worst = byError.slice(0, Math.min(trimmed, MOST_ROWS)).sort((a, b) => a - b);
  const inFile = new Map<number, number>();
  let skipped = 0;
  for (const row of worst) {
    while (skipped < nonFinite.length && nonFinite[skipped]! <= row + skipped) skipped++;
    inFile.set(row + skipped, errors[row]!);
  }
  return inFile;
}

function select(
  name: string,
  batch: DatasetBatch,
  first: number,
  worst: ReadonlyMap<number, number>,
  kept: readonly Column[],
): ColumnBatch {
  const rows: number[] = [];
  for (let row = 0; row < batch.length; row++) if (worst.has(first + row)) rows.push(row);
  const columns: Record<string, ColumnBatch['columns'][string]> = {
    split: rows.map(() => name),
    row: Uint32Array.from(rows, (row) => first + row),
    error: Float64Array.from(rows, (row) => worst.get(first + row)!),
  };
  for (const column of kept) {
    const values = valuesOf(batch, column);
    const chosen = allocateColumn(column.type, rows.length) as unknown[];
    for (const [index, row] of rows.entries()) chosen[index] = values[row];
    columns[`rows.${column.name}`] = chosen as never;
  }
  return { length: rows.length, columns };
}

function valuesOf(batch: DatasetBatch, { name, type }: Column): ArrayLike<unknown> {
  if (type === 'utf8') return batch.strings(name);
  return type === 'int64' || type === 'timestamp' ? batch.bigints(name) : batch.numbers(name);
}
