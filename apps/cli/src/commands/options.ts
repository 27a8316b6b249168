import { InvalidArgumentError, Option } from 'commander';

/** Parses a positive number; commander reports anything else as wrong usage. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) {
    throw new InvalidArgumentError('It must be a number above 0.');
  }
  return value;
}

/** Parses a finite number. */
export function finiteNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

/** Parses a whole number of 0 or more, at most 32 bits. */
export function seedNumber(text: string): number {
  if (!/^\d+$/.test(text) || Number(text) > 0xffff_ffff) {
    throw new InvalidArgumentError('It must be a whole number from 0 to 4294967295.');
  }
  return Number(text);
}

/** An option with a fixed set of values. */
export function choice(flags: string, description: string, values: readonly string[]): Option {
  return new Option(flags, description).choices(values);
}

/** For options that may be repeated: the values in order. */
export function listed(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** Parses a share between 0 and 1, both excluded. */
export function shareNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError('It must be a number between 0 and 1.');
  return value;
}

/** Parses a UDP port. */
export function udpPort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) < 1 || Number(text) > 65_535) {
    throw new InvalidArgumentError('It must be a port from 1 to 65535.');
  }
  return Number(text);
}

/** Parses batch sizes with commas between: whole numbers from 1 to 65536. */
export function batchSizes(text: string): readonly number[] {
  const sizes = text.split(',').map((part) => (/^\d{1,5}$/.test(part.trim()) ? Number(part) : 0));
  if (sizes.some((size) => size < 1 || size > 65_536)) {
    throw new InvalidArgumentError('It must be whole numbers from 1 to 65536, with commas between.');
  }
  return sizes;
}

const SECONDS_PER = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Parses a time such as `60s`, `5m`, `2h` or `30d`, in seconds. */
export function duration(text: string): number {
  const parts = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text);
  const seconds = parts ? Number(parts[1]) * SECONDS_PER[parts[2] as keyof typeof SECONDS_PER] : 0;
  if (!(seconds > 0)) throw new InvalidArgumentError('It must be a time such as 60s, 5m, 2h or 30d.');
  return seconds;
}

/** Parses k of n, such as `3/5`. */
export function vote(text: string): { needed: number; of: number } {
  const parts = /^(\d{1,2})\/(\d{1,2})$/.exec(text);
  const [needed, of] = [Number(parts?.[1]), Number(parts?.[2])];
  if (!(needed >= 1 && needed <= of && of <= 32)) {
    throw new InvalidArgumentError('It must be k/n with k at most n and n at most 32, such as 3/5.');
  }
  return { needed, of };
}

/** Parses a number per minute, such as `60/min`. */
export function perMinute(text: string): number {
  const parts = /^(\d{1,6})\/min$/.exec(text);
  if (!parts || Number(parts[1]) < 4) throw new InvalidArgumentError('It must be a number from 4, such as 60/min.');
  return Number(parts[1]);
}

/** Parses a whole number from 0 to `largest`. */
export function wholeNumber(largest: number): (text: string) => number {
  return (text) => {
    if (!/^\d{1,9}$/.test(text) || Number(text) > largest) {
      throw new InvalidArgumentError(`It must be a whole number from 0 to ${largest}.`);
    }
    return Number(text);
  };
}

/** The last instant whose year has four digits, which is all that files know. */
const LAST_INSTANT = Date.parse('9999-12-31T23:59:59Z');

/** Parses a time from now such as `30d`, or a date, and gives ISO 8601 in UTC. */
export function expiry(text: string): string {
  const isSpan = /^\d+(?:\.\d+)?[smhd]$/.test(text);
  const isDate = /^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/.test(text);
  const time = isSpan ? Date.now() + duration(text) * 1000 : isDate ? Date.parse(text) : Number.NaN;
  // A day that a month does not have, such as 31 February, would become one of the next month.
  const exists = time <= LAST_INSTANT && (isSpan || new Date(time).toISOString().startsWith(text.slice(0, 10)));
  if (!exists) throw new InvalidArgumentError('It must be a time such as 30d, or a date such as 2027-01-31.');
  return new Date(time).toISOString();
}

/** Parses a number of at least 1. */
export function factor(text: string): number {
  const value = Number(text);
  if (!(value >= 1) || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number of at least 1.');
  return value;
}
