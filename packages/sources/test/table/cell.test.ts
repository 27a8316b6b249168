import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CellProblem, parseNumber, parseTime } from '../../src/table/cell.ts';

describe('a number', () => {
  it('is what it says', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(parseNumber(String(value), { kind: 'count' })).toBe(Number(String(value)));
      }),
    );
  });

  it('may be a word where it is a flag, and empty where the config says what that means', () => {
    expect(['TRUE', 'no', '1'].map((cell) => parseNumber(cell, { kind: 'flag' }))).toEqual([1, 0, 1]);
    expect(parseNumber('', { kind: 'count', empty: 0 })).toBe(0);
    expect(
      ['NaN', 'Infinity', '-', '?', 'null'].map((cell) => parseNumber(cell, { kind: 'count', empty: -1 })),
    ).toEqual([-1, -1, -1, -1, -1]);
    expect(parseNumber('0x0303', { kind: 'count' })).toBe(771);
    expect(parseNumber('Infinity', { kind: 'count' })).toBe(Number.POSITIVE_INFINITY);
  });

  it.each(['', 'yes', '0x', '0xg', '1 2', '1,5', '--1', 'e5', '.'])('is not %j', (cell) => {
    expect(() => parseNumber(cell, { kind: 'count' })).toThrow(CellProblem);
  });
});

describe('a time', () => {
  it.each([
    ['1700000000', 'seconds', 1_700_000_000_000_000_000n],
    ['1700000000.123456789', 'seconds', 1_700_000_000_123_456_789n],
    ['1700000000123.5', 'milliseconds', 1_700_000_000_123_500_000n],
    ['1700000000123456', 'microseconds', 1_700_000_000_123_456_000n],
    ['1700000000123456789', 'nanoseconds', 1_700_000_000_123_456_789n],
    ['2023-11-14T22:13:20Z', 'iso8601', 1_700_000_000_000_000_000n],
    ['2023-11-14 22:13:20.000001', 'iso8601', 1_700_000_000_000_001_000n],
    ['2023-11-14T23:13:20+01:00', 'iso8601', 1_700_000_000_000_000_000n],
  ] as const)('%s in %s', (cell, format, instant) => {
    expect(parseTime(cell, format)).toBe(instant);
  });

  it.each([
    ['', 'seconds'],
    ['-1', 'seconds'],
    ['99999999999999', 'seconds'],
    ['14/11/2023 22:13', 'iso8601'],
    ['2023-13-14T22:13:20Z', 'iso8601'],
  ] as const)('%j is none in %s', (cell, format) => {
    expect(() => parseTime(cell, format)).toThrow(CellProblem);
  });
});
