import { basename } from 'node:path';
import { type DetectorDocument, UserError } from '@edgeguard/contracts';
import { DatasetReader } from '@edgeguard/contracts/arrow';
import { CellProblem, expandCapturePaths, openTable, parseNumber } from '@edgeguard/sources';
import { RowEncoder } from '@edgeguard/transform';
import type { TableRecord } from './table-batch.ts';
import type { TableSource } from './traffic-source.ts';

/** Rows between two looks at what waits to be written. */
const ROWS_PER_BLOCK = 4096;

/** An Arrow file begins with this. */
const ARROW_ENDING = '.arrow';

export interface TableOptions {
  readonly signal: AbortSignal;
  /** The time of the run, for rows that have none. */
  readonly now: bigint;
  readonly onProgress?: (share: number) => void;
  /** Called between blocks of rows. */
  drain(): Promise<void>;
}

/** What was read. */
export interface TableCounts {
  rows: number;
  /** Rows with another number of cells than the header: they have no score. */
  malformed: number;
}

type TakeRow = (record: TableRecord) => void;

/**
 * Hands over the rows of tables in the detector's schema, one file after another. Arrow files (`.arrow`) are datasets of a
 * stage, such as `test.arrow`; all others are Parquet, or CSV, plain or packed, with a header that names every feature, in
 * any order; categories by name, or by code where datasets hold codes. Other columns are ignored. A cell without a value is
 * NaN: such a row is counted and has no score.
 *
 * @param take gets each row; its `features` are valid during the call alone
 * @throws UserError for a table of other features, or one that cannot be read
 */
export async function readTableRows(
  source: TableSource,
  document: DetectorDocument,
  options: TableOptions,
  take: TakeRow,
): Promise<TableCounts> {
  const counts: TableCounts = { rows: 0, malformed: 0 };
  const files = await expandCapturePaths(source.paths);
  for (const [index, path] of files.entries()) {
    if (options.signal.aborted) break;
    if (path.endsWith(ARROW_ENDING)) await readArrow(path, document, options, take, counts);
    else await readTable(path, source.delimiter ?? ',', document, options, take, counts);
    options.onProgress?.((index + 1) / files.length);
  }
  return counts;
}

async function readArrow(
  path: string,
  document: DetectorDocument,
  options: TableOptions,
  take: TakeRow,
  counts: TableCounts,
): Promise<void> {
  const reader = await DatasetReader.open(path);
  try {
    const encoder = new RowEncoder(reader.schema, document, path);
    const time = reader.schema.columns.find(({ role, type }) => role === 'time' && type === 'timestamp')?.name;
    const table = basename(path);
    const { width } = encoder;
    let rows = new Float32Array(0);
    let number = 0;
    for await (const batch of reader.batches()) {
      if (options.signal.aborted) return;
      if (rows.length < batch.length * width) rows = new Float32Array(batch.length * width);
      encoder.encode(batch, rows);
      const times = time === undefined ? undefined : batch.bigints(time);
      for (let i = 0; i < batch.length; i++) {
        const features = rows.subarray(i * width, (i + 1) * width);
        take({ time: times?.[i] ?? options.now, timeSeconds: 0, table, number: ++number, features });
        if (i % ROWS_PER_BLOCK === 0) await options.drain();
      }
      counts.rows += batch.length;
    }
  } finally {
    await reader.close();
  }
}

async function readTable(
  path: string,
  delimiter: string,
  document: DetectorDocument,
  options: TableOptions,
  take: TakeRow,
  counts: TableCounts,
): Promise<void> {
  const table = basename(path);
  const features = new Float32Array(document.schema.features.length);
  let number = 0;
  const rows = await openTable(path, {
    delimiter,
    header: true,
    signal: options.signal,
    onBytes: () => undefined,
    onBroken: () => {
      number++;
      counts.malformed++;
    },
  });
  try {
    const cellsOf = new RowCells(path, rows.header ?? [], document);
    for await (const { cells } of rows.records(cellsOf.places)) {
      counts.rows++;
      number++;
      if (cells.length !== cellsOf.count) {
        counts.malformed++;
        continue;
      }
      cellsOf.read(cells, features);
      take({ time: options.now, timeSeconds: 0, table, number, features });
      if (number % ROWS_PER_BLOCK === 0) await options.drain();
    }
  } finally {
    await rows.close();
  }
}

/** Reads a detector's features from the cells of a row. */
class RowCells {
  /** Cells of the header. */
  readonly count: number;
  /** Of each feature's column. */
  readonly places: readonly number[];
  readonly #columns: readonly ((cells: readonly string[]) => number)[];

  constructor(path: string, header: readonly string[], { schema, vocabularies }: DetectorDocument) {
    this.count = header.length;
    this.places = schema.features.map(({ name }) => {
      const place = header.indexOf(name);
      if (place === -1) {
        throw new UserError(
          path,
          `its header has no column "${name}"`,
          `name every feature of the detector's schema ${schema.name} in the first line (edgeguard inspect lists them)`,
        );
      }
      return place;
    });
    this.#columns = schema.features.map((feature, f) => {
      const place = this.places[f]!;
      if (feature.kind !== 'category') return (cells) => numberOf(cells[place]!, feature.kind);
      const codes = new Map((vocabularies[feature.name] ?? []).map((value, index) => [value, index + 1]));
      // Where datasets hold codes, as those of packets do, a cell may be one too.
      if (feature.type === 'float32') for (let code = codes.size; code >= 1; code--) codes.set(String(code), code);
      return (cells) => codes.get(cells[place]!) ?? 0;
    });
  }

  read(cells: readonly string[], features: Float32Array): void {
    for (let f = 0; f < features.length; f++) features[f] = this.#columns[f]!(cells);
  }
}

function numberOf(cell: string, kind: Parameters<typeof parseNumber>[1]['kind']): number {
  try {
    return parseNumber(cell, { kind });
  } catch (error) {
    if (error instanceof CellProblem) return Number.NaN;
    throw error;
  }
}
