import { describe, expect, it } from 'vitest';
import { SeenRows } from '../src/split/seen-rows.ts';

describe('SeenRows', () => {
  it('keeps the first split of each row, also where hashes collide in one half', () => {
    const seen = new SeenRows(1000);
    for (let i = 0; i < 1000; i++) expect(seen.add(i % 10, i - (i % 10), i % 4)).toBe(i % 4);
    for (let i = 0; i < 1000; i++) expect(seen.add(i % 10, i - (i % 10), 3 - (i % 4))).toBe(i % 4);
  });

  it('refuses more distinct rows than it has room for', () => {
    const seen = new SeenRows(20);
    for (let i = 0; i < 20; i++) seen.add(0, i, 0);
    expect(seen.add(0, 5, 1)).toBe(0);
    expect(() => seen.add(0, 20, 0)).toThrow(RangeError);
  });
});
