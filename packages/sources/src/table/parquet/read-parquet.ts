import { type FileHandle, open } from 'node:fs/promises';
import type { DecodedArray, FileMetaData } from 'hyparquet';
import { parquetMetadata } from 'hyparquet';
import { fileProblem, UserError } from '@edgeguard/contracts/problems';
import type { OpenTable, TableRecord } from '../open-table.ts';
import { cellText, TEXT_PARSERS } from './cell-text.ts';
import { ColumnPages } from './column-pages.ts';
import { ParquetDamage } from './damage.ts';
import { chunkOf, type FlatColumn, type TopLevelColumn, topLevelColumns } from './flat-column.ts';
import { MemoryBudget } from './memory-budget.ts';
import { thriftLength } from './thrift-length.ts';

/** The first and the last four bytes of a Parquet file. */
export const PARQUET_MAGIC = 'PAR1';
const ENCRYPTED_MAGIC = 'PARE';
/** Before the last magic: the length of the metadata. */
const TRAILER = 8;
const MOST_METADATA = 1 << 26;

export interface ParquetOptions {
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
}

/**
 * Opens a Parquet file: its rows one by one, with cells as a CSV file would have them. Columns are read page by page, so
 * that memory holds a page of each, whatever the size of a row group; columns that are not asked for are not read.
 *
 * @throws UserError for a file that cannot be read or is damaged
 */
export async function openParquet(path: string, { signal, onBytes }: ParquetOptions): Promise<OpenTable> {
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      throw describe(path, error);
    }
  };
  const file = await guarded(() => open(path, 'r'));
  let bytes = 0;
  const count = (more: number): void => onBytes((bytes += more));
  let parts: { size: number; metadata: FileMetaData; columns: TopLevelColumn[] };
  try {
    parts = await guarded(async () => {
      const { size } = await file.stat();
      const metadata = await readMetadata(file, size);
      return { size, metadata, columns: topLevelColumns(metadata) };
    });
  } catch (error) {
    await file.close();
    throw error;
  }
  const { size, metadata, columns } = parts;
  return {
    header: columns.map(({ name }) => name),
    unit: 'row',
    async *records(wanted) {
      const read = wanted.map((index) => readable(path, columns[index]!));
      const blank = columns.map(() => '');
      let row = 1;
      for (let group = 0; group < metadata.row_groups.length; group++) {
        const rows = Number(metadata.row_groups[group]!.num_rows);
        const budget = new MemoryBudget();
        const pages = await guarded(async () =>
          read.map(
            (column) => new ColumnPages(file, size, column, chunkOf(metadata, group, column.name), budget, count),
          ),
        );
        const cursors = wanted.map((index, i) => ({ index, pages: pages[i]!, values: [] as DecodedArray, at: 0 }));
        for (let taken = 0; taken < rows; taken++) {
          for (const cursor of cursors) {
            if (cursor.at < cursor.values.length) continue;
            cursor.values = await guarded(() => cursor.pages.next(rows - taken));
            cursor.at = 0;
            signal.throwIfAborted();
          }
          const cells = blank.slice();
          for (const cursor of cursors) cells[cursor.index] = textOf(path, cursor.values[cursor.at++]);
          yield { cells, at: row++ } satisfies TableRecord;
        }
        for (const column of pages) column.close();
      }
    },
    close: () => file.close(),
  };
}

async function readMetadata(file: FileHandle, size: number): Promise<FileMetaData> {
  const trailer = await readExactly(file, Math.max(0, size - TRAILER), Math.min(size, TRAILER));
  const magic = trailer.toString('latin1', TRAILER - PARQUET_MAGIC.length);
  if (magic === ENCRYPTED_MAGIC) throw new ParquetDamage('it is encrypted');
  if (magic !== PARQUET_MAGIC) throw new ParquetDamage('it ends early: its last bytes are no Parquet');
  const length = trailer.readUInt32LE(0);
  if (length > size - TRAILER - PARQUET_MAGIC.length) throw new ParquetDamage('its metadata is damaged');
  if (length > MOST_METADATA) throw new ParquetDamage(`its metadata is larger than ${MOST_METADATA >> 20} MiB`);
  const footer = await readExactly(file, size - TRAILER - length, length + TRAILER);
  thriftLength(footer.subarray(0, length), 0);
  // A view at offset 0 of its own memory: the decoder must not see what lies around it.
  const metadata = parquetMetadata(Uint8Array.from(footer), { parsers: TEXT_PARSERS, geoparquet: false });
  const rows = metadata.row_groups.map(({ num_rows }) => Number(num_rows));
  if (rows.some((count) => !(count >= 0 && Number.isSafeInteger(count)))) {
    throw new ParquetDamage('its metadata is damaged');
  }
  return metadata;
}

async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, position);
  if (bytesRead < length) throw new ParquetDamage('it ends early');
  return bytes;
}

function readable(path: string, column: TopLevelColumn): FlatColumn {
  if (!('refused' in column)) return column;
  throw new UserError(
    path,
    `its column "${column.name}" ${column.refused}`,
    'write it as columns of its own, or add it to collect.source.ignore',
  );
}

function textOf(path: string, value: unknown): string {
  try {
    return cellText(value);
  } catch (error) {
    throw describe(path, error);
  }
}

/** Whatever the decoder throws says that the bytes are no Parquet as it knows it. */
function describe(path: string, error: unknown): unknown {
  const known = fileProblem(path, error);
  if (known !== error || error instanceof UserError) return known;
  if (error instanceof ParquetDamage) return new UserError(path, error.message, REMEDY, { cause: error });
  const detail = error instanceof Error ? error.message : String(error);
  return new UserError(path, `it is damaged, or Parquet of an unknown kind (${detail.slice(0, 100)})`, REMEDY, {
    cause: error,
  });
}

const REMEDY = 'fetch or write it again, with row groups of 100,000 rows and Snappy or gzip';
