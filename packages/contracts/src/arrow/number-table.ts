import { open } from 'node:fs/promises';
import * as arrow from 'apache-arrow';
import { fileProblem } from '../files/file-problem.ts';
import { UserError } from '../user-error.ts';
import { assertWhole, verifyArrowFile, verifyBatchAt, withoutEndlessReads } from './untrusted.ts';

/** Rows of numbers, one after the other. */
export interface NumberTable {
  /** [count, width] */
  readonly values: Float32Array;
  readonly count: number;
  readonly width: number;
}

/** Integers whose values float32 may round; wider ones come as bigint and are refused. */
const MOST_BITS = 32;

/**
 * Reads an Arrow IPC file of anybody's as rows of float32 numbers, columns in the order of the file. Where fields name a
 * role (`edgeguard.role`), only the features count.
 *
 * @throws UserError for a file that is none or damaged, a column without numbers, and a file without rows
 */
export async function readNumberTable(path: string): Promise<NumberTable> {
  try {
    const file = await open(path, 'r');
    try {
      const blocks = await verifyArrowFile(path, file);
      const reader = (await arrow.RecordBatchReader.from(
        withoutEndlessReads(file),
      )) as unknown as arrow.AsyncRecordBatchFileReader;
      await reader.open({ autoDestroy: false });
      const columns = columnsOf(path, reader.schema);
      const parts: Float32Array[] = [];
      for (const [index, block] of blocks.entries()) {
        await verifyBatchAt(file, block);
        const batch = await reader.readRecordBatch(index);
        if (!batch) throw new Error(`record batch ${index} is missing`);
        assertWhole(batch);
        parts.push(rowsOf(batch, columns));
      }
      return joined(path, parts, columns.length);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    const problem = fileProblem(path, error);
    if (problem !== error) throw problem;
    const detail = error instanceof Error ? error.message : String(error);
    throw new UserError(path, `the Arrow file is damaged (${detail})`, 'make it again', { cause: error });
  }
}

function columnsOf(path: string, schema: arrow.Schema): readonly number[] {
  const roles = schema.fields.map((field) => field.metadata.get('edgeguard.role'));
  const chosen = schema.fields.flatMap((_, i) => (roles[i] === undefined || roles[i] === 'feature' ? [i] : []));
  for (const i of chosen) {
    const { name, type } = schema.fields[i]!;
    if (arrow.DataType.isFloat(type) && type.precision !== arrow.Precision.HALF) continue;
    if (arrow.DataType.isInt(type) && type.bitWidth <= MOST_BITS) continue;
    throw new UserError(path, `column ${name} holds ${String(type)}`, 'give columns of float or of int up to 32 bits');
  }
  return chosen;
}

function rowsOf(batch: arrow.RecordBatch, columns: readonly number[]): Float32Array {
  const rows = new Float32Array(batch.numRows * columns.length);
  for (const [at, column] of columns.entries()) {
    const values = batch.getChildAt(column)!.toArray() as ArrayLike<number>;
    for (let row = 0; row < batch.numRows; row++) rows[row * columns.length + at] = values[row]!;
  }
  return rows;
}

function joined(path: string, parts: readonly Float32Array[], width: number): NumberTable {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length === 0) throw new UserError(path, 'there are no rows', 'give a file with rows');
  const values = new Float32Array(length);
  let at = 0;
  for (const part of parts) {
    values.set(part, at);
    at += part.length;
  }
  const odd = values.findIndex((value) => !Number.isFinite(value));
  if (odd !== -1) {
    throw new UserError(
      `${path}: row ${Math.floor(odd / width) + 1}`,
      `column ${(odd % width) + 1} is ${values[odd]}`,
      'leave out the row or fill it in',
    );
  }
  return { values, count: length / width, width };
}
