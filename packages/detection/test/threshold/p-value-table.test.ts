import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PValueTableSchema } from '@edgeguard/contracts';
import { nextFloat32, pValue, pValueTable } from '../../src/threshold/p-value-table.ts';
import { seededNormal, seededRandom } from '../support/seeded-random.ts';

function exactPValue(scores: Float32Array, score: number): number {
  let atLeast = 0;
  for (const s of scores) if (s >= score) atLeast++;
  return (1 + atLeast) / (scores.length + 1);
}

/** How many of some ascending scores are at least as high. */
function countAtLeast(sorted: Float32Array, score: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < score) low = middle + 1;
    else high = middle;
  }
  return sorted.length - low;
}

describe('pValue', () => {
  it('is exact for small sets, at, between and beyond the scores', () => {
    const scores = fc.array(fc.oneof(fc.float({ min: -10, max: 10, noNaN: true }), fc.integer({ min: 0, max: 5 })), {
      minLength: 1,
      maxLength: 200,
    });
    fc.assert(
      fc.property(scores, fc.array(fc.float({ min: -12, max: 12, noNaN: true })), (values, others) => {
        const calibration = Float32Array.from(values);
        const table = PValueTableSchema.parse(pValueTable(calibration));
        for (const v of calibration) {
          expect(pValue(table, v)).toBe(exactPValue(calibration, v));
          expect(pValue(table, nextFloat32(v))).toBe(exactPValue(calibration, nextFloat32(v)));
        }
        for (const v of others) expect(pValue(table, v)).toBe(exactPValue(calibration, v));
      }),
    );
  });

  it('is never too small, exact in the upper tail and within 3 % of it below', () => {
    const normal = seededNormal(3);
    const calibration = Float32Array.from({ length: 60_000 }, () => Math.exp(normal()));
    const sorted = calibration.slice().sort();
    const table = pValueTable(calibration);
    expect(table.scores.length).toBeLessThan(2500);
    expect(JSON.stringify(table).length).toBeLessThan(45_000);
    const random = seededRandom(4);
    for (let i = 0; i < 3000; i++) {
      const rank = Math.floor(60_000 ** random());
      const score = Math.fround(sorted[60_000 - rank]! * (1 + (random() - 0.5) * 1e-4));
      const exact = (1 + countAtLeast(sorted, score)) / 60_001;
      const given = pValue(table, score);
      expect(given).toBeGreaterThanOrEqual(exact);
      expect(given).toBeLessThanOrEqual(exact < 1000 / 60_001 ? exact : exact * 1.04);
    }
  });

  it('survives being written as JSON', () => {
    const calibration = Float32Array.from({ length: 5000 }, seededRandom(9));
    const table = pValueTable(calibration);
    const read = PValueTableSchema.parse(JSON.parse(JSON.stringify(table)));
    for (const v of calibration) expect(pValue(read, v)).toBe(pValue(table, v));
  });

  it('gives the smallest p-value above all calibration scores, 1 below, NaN for NaN', () => {
    const table = pValueTable(Float32Array.from([1, 2, 2, 3]));
    expect(pValue(table, 3.5)).toBe(1 / 5);
    expect(pValue(table, Number.POSITIVE_INFINITY)).toBe(1 / 5);
    expect(pValue(table, 3)).toBe(2 / 5);
    expect(pValue(table, -1)).toBe(1);
    expect(pValue(table, Number.NaN)).toBeNaN();
  });

  it('is valid for new rows: at most a share a of them has p <= a', () => {
    const normal = seededNormal(5);
    const table = pValueTable(Float32Array.from({ length: 20_000 }, normal));
    const fresh = Array.from({ length: 20_000 }, () => pValue(table, Math.fround(normal())));
    for (const level of [0.01, 0.05, 0.2]) {
      const share = fresh.filter((p) => p <= level).length / fresh.length;
      expect(share).toBeLessThan(level * 1.15);
      expect(share).toBeGreaterThan(level * 0.8);
    }
  });
});
