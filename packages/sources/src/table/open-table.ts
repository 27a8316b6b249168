import { open } from 'node:fs/promises';
import { fileProblem, UserError } from '@edgeguard/contracts/problems';
import { readCsv } from './csv-records.ts';
import { openParquet, PARQUET_MAGIC } from './parquet/read-parquet.ts';

/** What else delimits cells in the tables that people have. */
const DELIMITERS = [';', '\t', ',', '|'];

// oxlint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u0008\u000E-\u001F]/;

/** A row of a table. */
export interface TableRecord {
  /** Of all columns in the file's order, without blanks around them. Columns that were not asked for may be empty. */
  readonly cells: readonly string[];
  /** Line of the file on which it ends, or row, from 1. */
  readonly at: number;
}

/** A file of rows. Read it once, and close it. */
export interface OpenTable {
  /** The names of its columns, where the file says them. */
  readonly header: readonly string[] | undefined;
  /** What places in it are counted in. */
  readonly unit: 'line' | 'row';
  /** @param wanted the columns to read, by their places */
  records(wanted: readonly number[]): AsyncGenerator<TableRecord>;
  close(): Promise<void>;
}

export interface OpenTableOptions {
  readonly delimiter: string;
  /** Whether the first line of a text file names its columns. Parquet files always do. */
  readonly header: boolean;
  readonly signal: AbortSignal;
  /** Called with the (packed) bytes read so far. */
  readonly onBytes: (bytes: number) => void;
  /** Called for a row that is not even text with cells. */
  readonly onBroken: (line: number, problem: string) => void;
}

/**
 * Opens a file of rows: Parquet by its first bytes, else delimited text.
 *
 * @throws UserError for a file that cannot be read, is empty or damaged
 */
export async function openTable(path: string, options: OpenTableOptions): Promise<OpenTable> {
  return (await isParquet(path)) ? openParquet(path, options) : openText(path, options);
}

async function isParquet(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'r');
    try {
      const head = Buffer.alloc(PARQUET_MAGIC.length);
      // A pipe or a folder cannot be read so; the reader of text says what is wrong with it, if anything is.
      if (!(await file.stat()).isFile()) return false;
      await file.read(head, 0, head.length, 0);
      return head.toString('latin1') === PARQUET_MAGIC;
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileProblem(path, error);
  }
}

async function openText(path: string, options: OpenTableOptions): Promise<OpenTable> {
  const rows = readCsv(path, options);
  const first = await rows.next();
  if (first.done) throw new UserError(path, 'it is empty', 'name a table with rows');
  assertText(path, first.value.cells);
  if (options.header) assertDelimited(path, first.value.cells, options.delimiter);
  return {
    header: options.header ? first.value.cells : undefined,
    unit: 'line',
    async *records() {
      if (!options.header) yield first.value;
      yield* rows;
    },
    close: async () => {
      await rows.return(undefined);
    },
  };
}

/** The first line of text holds no control characters; that of a packed or binary file hardly ever does without. */
function assertText(path: string, cells: readonly string[]): void {
  if (!cells.some((cell) => CONTROL.test(cell))) return;
  throw new UserError(
    path,
    'its first line is not text',
    'name delimited text in UTF-8, plain or packed with gzip, or a Parquet file',
  );
}

/** A header with one name, in which there are other delimiters, is a table of another kind. */
function assertDelimited(path: string, [name = '', ...others]: readonly string[], delimiter: string): void {
  const meant = others.length > 0 ? undefined : DELIMITERS.find((other) => other !== delimiter && name.includes(other));
  if (meant === undefined) return;
  throw new UserError(
    path,
    `its header is a single column where ${JSON.stringify(delimiter)} delimits`,
    `set collect.source.delimiter to ${JSON.stringify(meant)}`,
  );
}
