import { describe, expect, it } from 'vitest';
import { VoteTable } from '../../src/episodes/vote-table.ts';

describe('k-of-n voting', () => {
  it('asks for k of the last n records of a source, whatever others do', () => {
    const votes = new VoteTable({ needed: 3, of: 5 });
    const pattern = [true, false, true, false, true, false, false, true, true, true];
    const decided = pattern.map((above) => {
      votes.observe('other', true);
      return votes.observe('a', above);
    });
    // The last five: 1, 10, 101, 1010, 10101, 01010, 10100, 01001, 10011, 00111.
    expect(decided).toEqual([false, false, false, false, true, false, false, false, true, true]);
  });

  it('with 1 of 1 every record speaks for itself; with 32 of 32 all have to', () => {
    const one = new VoteTable({ needed: 1, of: 1 });
    expect([true, false, true].map((above) => one.observe('a', above))).toEqual([true, false, true]);
    const all = new VoteTable({ needed: 32, of: 32 });
    const results = Array.from({ length: 33 }, () => all.observe('a', true));
    expect(results.indexOf(true)).toBe(31);
    expect(() => new VoteTable({ needed: 6, of: 5 })).toThrow(RangeError);
  });

  it('remembers only sources with an alert among their latest records, up to a cap', () => {
    const votes = new VoteTable({ needed: 2, of: 2 }, 2);
    for (const source of ['a', 'b', 'c']) votes.observe(source, true);
    votes.observe('quiet', false);
    expect(votes.evicted).toBe(1);
    expect(votes.observe('a', true)).toBe(false);
    expect(votes.observe('c', true)).toBe(true);
  });
});
