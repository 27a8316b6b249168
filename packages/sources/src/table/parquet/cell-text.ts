import type { ParquetParsers } from 'hyparquet';
import { ParquetDamage } from './damage.ts';

const DECODER = new TextDecoder();
const NANOSECONDS_PER_SECOND = 1_000_000_000n;
/** The last instant that a JavaScript date can hold, in seconds. */
const LAST_SECOND = 8_640_000_000_000n;

/** How values that are no plain numbers become text: instants as ISO 8601 to the nanosecond. */
export const TEXT_PARSERS: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (value: bigint) => isoTime(BigInt(value) * 1_000_000n),
  timestampFromMicroseconds: (value: bigint) => isoTime(BigInt(value) * 1000n),
  timestampFromNanoseconds: (value: bigint) => isoTime(BigInt(value)),
  dateFromDays: (days: number) => isoTime(BigInt(days) * 86_400n * NANOSECONDS_PER_SECOND),
  jsonFromBytes: (bytes: Uint8Array) => DECODER.decode(bytes),
};

/** The cell that a CSV file would have for a value: nothing for null, 1 and 0 for true and false. */
export function cellText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.trim();
    case 'number':
    case 'bigint':
      return String(value);
    case 'boolean':
      return value ? '1' : '0';
    default:
      if (value === null) return '';
      throw new ParquetDamage('a value is neither a number, a text nor a time');
  }
}

function isoTime(nanoseconds: bigint): string {
  const part = ((nanoseconds % NANOSECONDS_PER_SECOND) + NANOSECONDS_PER_SECOND) % NANOSECONDS_PER_SECOND;
  const seconds = (nanoseconds - part) / NANOSECONDS_PER_SECOND;
  if (seconds > LAST_SECOND || seconds < -LAST_SECOND) return `${nanoseconds} ns`;
  const date = new Date(Number(seconds) * 1000).toISOString();
  return `${date.slice(0, -'.000Z'.length)}.${String(part).padStart(9, '0')}Z`;
}
