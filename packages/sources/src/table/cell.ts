import type { TableColumnConfig } from '@edgeguard/contracts';

/** A cell that is not what its column says. The message completes "column x: …". */
export class CellProblem extends Error {}

/** Characters of a cell that an error shows. */
const SHOWN = 20;

const WORDS: ReadonlyMap<string, number> = new Map([
  ['true', 1],
  ['false', 0],
  ['yes', 1],
  ['no', 0],
]);

const NON_FINITE: ReadonlyMap<string, number> = new Map([
  ['nan', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['+inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
  ['infinity', Number.POSITIVE_INFINITY],
  ['-infinity', Number.NEGATIVE_INFINITY],
]);

/** What tables write where there is no value. */
const MISSING: ReadonlySet<string> = new Set(['', '-', '?', 'na', 'n/a', 'null', 'none', ...NON_FINITE.keys()]);

const LONGEST_MISSING = 9;
const HEXADECIMAL = /^0x[0-9a-f]{1,13}$/i;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Whether a cell says that there is no value: it is empty, `-`, `?`, `NA`, `null`, NaN or infinite. */
export function isMissing(cell: string): boolean {
  return MISSING.has(cell) || (cell.length <= LONGEST_MISSING && MISSING.has(cell.toLowerCase()));
}

/** The finite number that a cell states, decimal or hexadecimal (`0x1f`, as some tables write ports). */
export function numberIn(cell: string): number | undefined {
  // A number of plain digits is by far the most frequent cell, and Number is faster than the pattern.
  const value = Number(cell);
  return Number.isFinite(value) && (NUMBER.test(cell) || HEXADECIMAL.test(cell)) ? value : undefined;
}

/** The number that a cell states. `NaN` and `Infinity` are numbers here: preprocessing leaves such rows out and counts them. */
export function parseNumber(cell: string, { kind, empty }: Pick<TableColumnConfig, 'kind' | 'empty'>): number {
  const value = numberIn(cell);
  if (value !== undefined) return value;
  if (typeof empty === 'number' && isMissing(cell)) return empty;
  if (cell === '') throw new CellProblem('the cell is empty');
  const word = NON_FINITE.get(cell.toLowerCase()) ?? (kind === 'flag' ? WORDS.get(cell.toLowerCase()) : undefined);
  if (word === undefined) throw new CellProblem(`"${shorten(cell)}" is not a number`);
  return word;
}

const NANOSECONDS = {
  seconds: 1_000_000_000n,
  milliseconds: 1_000_000n,
  microseconds: 1000n,
  nanoseconds: 1n,
} as const;

const DECIMAL = /^(\d{1,19})(?:\.(\d+))?$/;
const LAST_INSTANT = 2n ** 63n - 1n;

/**
 * The instant that a cell states, in nanoseconds since the Unix epoch. Decimals are exact. ISO 8601 is understood whatever
 * the format: no number is written so.
 */
export function parseTime(cell: string, format: TableColumnConfig['format']): bigint {
  const instant =
    parseIsoTime(cell) ?? (format === 'iso8601' ? undefined : parseDecimalTime(cell, NANOSECONDS[format]));
  if (instant === undefined || instant > LAST_INSTANT) throw new CellProblem(`"${shorten(cell)}" is not a time`);
  return instant;
}

function parseDecimalTime(cell: string, nanosecondsPerUnit: bigint): bigint | undefined {
  const parts = DECIMAL.exec(cell);
  if (!parts) return undefined;
  const digits = parts[2] ?? '';
  return (
    BigInt(parts[1]!) * nanosecondsPerUnit + (BigInt(digits || '0') * nanosecondsPerUnit) / 10n ** BigInt(digits.length)
  );
}

const ISO = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9})\d*)?(Z|[+-]\d\d:?\d\d)?$/;

/** Whether a cell states an instant in ISO 8601. */
export function isIsoTime(cell: string): boolean {
  return ISO.test(cell);
}

function parseIsoTime(cell: string): bigint | undefined {
  const parts = ISO.exec(cell);
  if (!parts) return undefined;
  const milliseconds = Date.parse(`${parts[1]}T${parts[2]}${parts[4] ?? 'Z'}`);
  if (Number.isNaN(milliseconds)) return undefined;
  return BigInt(milliseconds) * 1_000_000n + BigInt((parts[3] ?? '').padEnd(9, '0'));
}

function shorten(cell: string): string {
  return cell.length > SHOWN ? `${cell.slice(0, SHOWN)}…` : cell;
}
