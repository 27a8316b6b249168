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
