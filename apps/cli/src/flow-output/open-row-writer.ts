import { extname } from 'node:path';
import { type DatasetSchema, UsageError } from '@edgeguard/contracts';
import { STANDARD_OUTPUT } from '@edgeguard/runtime/output';
import { ArrowWriter } from './arrow-writer.ts';
import { CsvWriter } from './csv-writer.ts';
import { JsonLinesWriter } from './json-lines-writer.ts';
import type { RowWriter } from './row-writer.ts';
import { TextFile } from './text-file.ts';

export const ROW_FORMATS = ['arrow', 'csv', 'jsonl'] as const;
export type RowFormat = (typeof ROW_FORMATS)[number];

/** The format that was asked for, else the one that the file's name says, else CSV. */
export function rowFormat(asked: RowFormat | undefined, path: string): RowFormat {
  return asked ?? ROW_FORMATS.find((format) => extname(path) === `.${format}`) ?? 'csv';
}

/** @param path `-` for standard output, which Arrow cannot be written to: its readers must be able to seek */
export async function openRowWriter(format: RowFormat, schema: DatasetSchema, path: string): Promise<RowWriter> {
  if (format === 'arrow') {
    if (path === STANDARD_OUTPUT) throw new UsageError('an Arrow file needs --output FILE');
    return ArrowWriter.open(schema, path);
  }
  const file = await TextFile.open(path);
  return format === 'csv' ? new CsvWriter(schema, file) : new JsonLinesWriter(schema, file);
}
