import { TfliteError } from '../error.ts';

export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function object(value: unknown, place: string): Json {
  if (!isObject(value)) throw new TfliteError(place, 'is no object');
  return value;
}

export function list(value: unknown, place: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new TfliteError(place, 'is no list');
  return value;
}

export function string(value: unknown, place: string): string {
  if (typeof value !== 'string' || value === '') throw new TfliteError(place, 'is no name');
  return value;
}
