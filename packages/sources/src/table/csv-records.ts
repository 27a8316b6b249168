import { createReadStream } from 'node:fs';
import { addAbortSignal, pipeline, Readable } from 'node:stream';
import { type CsvError, parse } from 'csv-parse';
import { fileProblem, UserError } from '@edgeguard/contracts/problems';
import { COMPRESSION_MAGIC_LENGTH, decompress, describeDamage, detectCompression } from '../capture/compression.ts';
import type { OpenTableOptions, TableRecord } from './open-table.ts';

/** Longest row, in characters: a quote that is never closed would swallow the file. */
const MAX_ROW = 1 << 20;

interface RecordWithInfo {
  readonly record: string[];
  readonly info: { readonly lines: number };
}

/**
 * Reads a file of delimited text row by row: RFC 4180, with or without a byte order mark, any line ends, gzip unpacked.
 *
 * @throws UserError for a file that cannot be read or is damaged
 */
export async function* readCsv(path: string, options: OpenTableOptions): AsyncGenerator<TableRecord> {
  const parser = parse({
    delimiter: options.delimiter,
    bom: true,
    trim: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: MAX_ROW,
  });
  const broken: CsvError[] = [];
  parser.on('skip', (error: CsvError) => {
    // The parser would go on collecting such a row in memory.
    if (error.code === 'CSV_MAX_RECORD_SIZE') parser.destroy(error);
    // A row may be broken in several places.
    else if (broken.at(-1)?.['lines'] !== error['lines']) broken.push(error);
  });
  const report = (): void => {
    for (const error of broken.splice(0)) options.onBroken(Number(error['lines'] ?? 0), problemOf(error));
  };
  let failure: unknown;
  try {
    pipeline(await unpacked(path, options), addAbortSignal(options.signal, parser), (error) => {
      failure = error ?? undefined;
    });
    for await (const { record, info } of parser as AsyncIterable<RecordWithInfo>) {
      if (broken.length > 0) report();
      yield { cells: record, at: info.lines };
    }
    report();
  } catch (error) {
    options.signal.throwIfAborted();
    throw describe(path, failure ?? error);
  } finally {
    parser.destroy();
  }
}

async function unpacked(path: string, { onBytes }: OpenTableOptions): Promise<Readable> {
  const file = createReadStream(path, { highWaterMark: 1 << 18 });
  const chunks = counted(file, onBytes);
  const first = await chunks.next();
  const head = first.done ? new Uint8Array(0) : first.value.subarray(0, COMPRESSION_MAGIC_LENGTH);
  async function* whole(): AsyncGenerator<Uint8Array> {
    if (!first.done) yield first.value;
    yield* chunks;
  }
  const compression = detectCompression(head);
  return compression === undefined
    ? Readable.from(whole(), { objectMode: false })
    : decompress(whole(), compression, path);
}

async function* counted(file: Readable, onBytes: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of file as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    onBytes(bytes);
    yield chunk;
  }
}

function problemOf(error: CsvError): string {
  return error.code === 'CSV_QUOTE_NOT_CLOSED' ? 'a quote is never closed' : 'a quote is out of place';
}

function describe(path: string, error: unknown): unknown {
  if ((error as CsvError | undefined)?.code === 'CSV_MAX_RECORD_SIZE') {
    const line = Number((error as CsvError)['lines'] ?? 0);
    return new UserError(
      `${path}: line ${line}`,
      `a row is longer than ${MAX_ROW} characters`,
      'look for a quote that is not closed, or name another file',
      { cause: error },
    );
  }
  const damage = describeDamage(error);
  if (damage) return new UserError(path, damage.problem, 'fetch or pack it again', { cause: error });
  return fileProblem(path, error);
}
