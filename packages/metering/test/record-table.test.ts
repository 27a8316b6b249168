import { describe, expect, it } from 'vitest';
import { finishHash } from '../src/flow-table/hash.ts';
import { RecordTable } from '../src/flow-table/record-table.ts';

/** A hash with few values: long runs of neighbouring buckets, which growing and removing must keep whole. */
function crowdedHash(key: number): number {
  return (finishHash(key) & 0xff) * 9;
}

describe.each([
  ['spread hashes', finishHash],
  ['crowded hashes', crowdedHash],
])('RecordTable with %s', (_, hashOf) => {
  it('holds what a Map holds while it grows to its capacity, shrinks and fills again', () => {
    // Several times the buckets that a table begins with, and no power of two.
    const capacity = 5000;
    const table = new RecordTable(capacity, 1, 1, 1);
    const key = new Int32Array(1);
    const expected = new Map<number, number>();
    let next = 0;
    const valueOf = (name: number): number | undefined => {
      key[0] = name;
      const slot = table.find(key, hashOf(name));
      return slot < 0 ? undefined : table.words[slot * table.wordStride + table.firstWord];
    };
    const everything = (): (number | undefined)[] => Array.from({ length: next }, (_value, name) => valueOf(name));
    const allExpected = (): (number | undefined)[] =>
      Array.from({ length: next }, (_value, name) => expected.get(name));
    const insert = (name: number): void => {
      key[0] = name;
      const slot = table.insert(key, hashOf(name));
      table.words[slot * table.wordStride + table.firstWord] = name * 3;
      expected.set(name, name * 3);
    };
    const remove = (name: number): void => {
      key[0] = name;
      table.remove(table.find(key, hashOf(name)));
      expected.delete(name);
    };
    for (let round = 0; round < 3; round++) {
      while (!table.full) {
        insert(next++);
        // Now and then one goes again while the table grows.
        if (next % 5 === 0) remove(next - 1);
      }
      expect(table.size).toBe(capacity);
      expect(everything()).toEqual(allExpected());
      for (const name of expected.keys()) if (name % 7 !== round) remove(name);
      expect(table.size).toBe(expected.size);
      expect(everything()).toEqual(allExpected());
    }
  });
});
