import { decileEdges, FeatureBins } from '@edgeguard/detection';
import { SeededRandom } from '@edgeguard/transform';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashRows } from '../../src/checks/row-hash.ts';
import { RowSample } from '../../src/checks/row-sample.ts';
import { findSharedRows } from '../../src/checks/shared-rows.ts';
import { separateAlone } from '../../src/checks/single-features.ts';
import { labelCode, type LabelledRows } from '../../src/index.ts';

function hashesOf(rows: readonly (readonly number[])[]): Float64Array {
  const hashes = new Float64Array(rows.length);
  hashRows(Float32Array.from(rows.flat()), rows.length, rows[0]?.length ?? 0, hashes);
  return hashes;
}

function sampleOf(values: readonly number[]): RowSample {
  const sample = new RowSample(values.length, 1, 1);
  for (const value of values) sample.add(Float32Array.of(value), 0);
  return sample;
}

describe('row hashes', () => {
  it('are equal for equal rows, and 0 is -0', () => {
    const [a, b, c] = hashesOf([
      [1, 0, 2.5],
      [1, -0, 2.5],
      [1, 0, 2.25],
    ]);
    expect(a).toBe(b);
    expect(a).not.toBe(c);
  });

  it('differ when any value, or the order of values, differs', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true }), { minLength: 2, maxLength: 12 }),
        fc.nat(),
        fc.float({ noNaN: true }),
        (row, at, value) => {
          const other = [...row];
          other[at % row.length] = value;
          const same = other[at % row.length] === row[at % row.length];
          const [a, b] = hashesOf([row, other]);
          expect(a === b).toBe(same);
        },
      ),
    );
    const [a, b] = hashesOf([
      [1, 2],
      [2, 1],
    ]);
    expect(a).not.toBe(b);
  });

  it('do not meet among many similar rows', () => {
    const rows = Array.from({ length: 200_000 }, (_, i) => [i % 500, Math.floor(i / 500), 0, 1]);
    expect(new Set(hashesOf(rows)).size).toBe(200_000);
  });
});

describe('shared rows', () => {
  it('are those seen in an earlier split, and repetitions of counted rows', () => {
    const train = hashesOf([
      [1, 1],
      [2, 2],
    ]);
    const test = hashesOf([
      [1, 1],
      [2, 2],
      [3, 3],
      [3, 3],
      [4, 4],
      [4, 4],
      [5, 5],
    ]);
    const labels = ['normal', 'attack', 'attack', 'attack', 'unknown', 'normal', 'normal'] as const;
    const rows: LabelledRows = {
      rows: 7,
      label: Uint8Array.from(labels, labelCode),
      attack: new Uint16Array(7),
      attackNames: ['a'],
      time: undefined,
    };
    const shared = findSharedRows([train], test, rows);
    expect(shared).toMatchObject({ normalSeenBefore: 1, attackSeenBefore: 1, repeated: 1 });
    expect([...shared.isNew]).toEqual([0, 0, 1, 0, 1, 1, 1]);
  });
});

describe('features that separate alone', () => {
  it('are ranked whether attacks lie above or below', () => {
    const normal = new RowSample(10, 3, 1);
    const attack = new RowSample(10, 3, 1);
    for (let i = 0; i < 10; i++) {
      normal.add(Float32Array.of(i, i % 2, i), 0);
      attack.add(Float32Array.of(i - 20, i % 2, i + 5), 0);
    }
    const ranked = separateAlone(['below', 'same', 'above'], normal, attack);
    expect(ranked.map(({ feature }) => feature)).toEqual(['below', 'above', 'same']);
    expect(ranked[0]!.rocAuc).toBe(1);
    expect(ranked[2]!.rocAuc).toBe(0.5);
  });

  it('are none without attacks', () => {
    expect(separateAlone(['a'], sampleOf([1, 2]), new RowSample(5, 1, 1))).toEqual([]);
  });
});

describe('population stability', () => {
  const uniform = (seed: number, count: number, shift = 0): number[] => {
    const random = new SeededRandom(seed);
    return Array.from({ length: count }, () => random.uniform() + shift);
  };
  const indexOf = (train: readonly number[], other: readonly number[]): number => {
    const bins = new FeatureBins([decileEdges(sampleOf(train).sortedColumn(0))]);
    const expected = bins.start();
    const actual = bins.start();
    for (const value of train) bins.add(expected, Float32Array.of(value), 0);
    for (const value of other) bins.add(actual, Float32Array.of(value), 0);
    return bins.stability(0, expected, actual);
  };

  it('is near zero for the same distribution and grows with the shift', () => {
    const train = uniform(1, 5000);
    const [same, little, much] = [0, 0.1, 0.5].map((shift) => indexOf(train, uniform(2, 5000, shift)));
    expect(same).toBeLessThan(0.02);
    expect(little).toBeGreaterThan(5 * same!);
    expect(much).toBeGreaterThan(5 * little!);
  });

  it('is the value worked by hand for a feature of two values', () => {
    const values = (zeros: number, ones: number): number[] => [
      ...Array.from({ length: zeros }, () => 0),
      ...Array.from({ length: ones }, () => 1),
    ];
    // Four bins: below 0, 0, 1, above 1; half a row in each.
    const p = [0.5, 80.5, 20.5, 0.5].map((rows) => rows / 102);
    const q = [0.5, 50.5, 50.5, 0.5].map((rows) => rows / 102);
    const byHand = q.reduce((sum, share, bin) => sum + (share - p[bin]!) * Math.log(share / p[bin]!), 0);
    expect(indexOf(values(80, 20), values(50, 50))).toBeCloseTo(byHand, 12);
  });

  it('sees values that a constant feature never had', () => {
    const constant = Array.from({ length: 1000 }, () => 3);
    expect(indexOf(constant, constant)).toBe(0);
    const withOther = (value: number): number[] => [
      ...constant.slice(100),
      ...Array.from({ length: 100 }, () => value),
    ];
    for (const value of [2.99, 3.01, -1e9, 1e9]) expect(indexOf(constant, withOther(value))).toBeGreaterThan(0.3);
  });
});
