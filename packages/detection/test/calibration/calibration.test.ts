import { describe, expect, it } from 'vitest';
import { categoryScores } from '../../src/calibration/category-scores.ts';
import { dayBlocks } from '../../src/calibration/day-blocks.ts';
import { observedTime } from '../../src/calibration/observed-time.ts';
import { describeTail, tailModel } from '../../src/calibration/tail-document.ts';
import { pValue } from '../../src/threshold/p-value-table.ts';
import { fitTail, tailQuantile } from '../../src/threshold/tail-model.ts';
import { seededRandom } from '../support/seeded-random.ts';

const HOUR = 3_600_000_000_000n;

/** Independent scores with the tail 1 / s. */
function heavyScores(rows: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: rows }, () => 1 / (1 - random()));
}

describe('the tail of a calibration', () => {
  it('survives its document: the same quantiles with the same interval', () => {
    const scores = heavyScores(20_000, 1);
    const document = describeTail(scores);
    const model = tailModel(JSON.parse(JSON.stringify(document)))!;
    expect(tailQuantile(model, 1e-5)).toEqual(tailQuantile(fitTail(scores, { share: 0.05 }), 1e-5));
    const { threshold, low, high } = tailQuantile(model, 1e-5);
    // The true score that a share of 1e-5 exceeds.
    expect(low).toBeLessThan(100_000);
    expect(high).toBeGreaterThan(100_000);
    expect(threshold).toBeGreaterThan(20_000);
  });

  it('goes to a higher level where the form does not fit at the first, and says why where it fits at none', () => {
    const random = seededRandom(2);
    // A bump at 5 makes the tail of 5 % no generalised Pareto; the highest 2 % are one.
    const bump = Float32Array.from({ length: 20_000 }, (_, row) =>
      row % 50 === 0 ? 6 - Math.log(1 - random()) : row % 25 === 0 ? 5 + 0.01 * random() : random(),
    );
    const found = describeTail(bump);
    expect(found.fits && found.level).toBeGreaterThan(5);
    const steps = Float32Array.from({ length: 20_000 }, () => Math.floor(4 * random()) ** 4);
    const refused = describeTail(steps);
    expect(refused).toMatchObject({ fits: false, reason: expect.stringMatching(/clusters above|does not fit/) });
    expect(tailModel(refused)).toBeUndefined();
  });
});

describe('dayBlocks', () => {
  it('are the largest scores of each source and calendar day, else of each day', () => {
    const time = BigInt64Array.of(0n, HOUR, 25n * HOUR, 26n * HOUR);
    const scores = Float32Array.of(1, 4, 2, 3);
    expect(dayBlocks(scores, time)).toEqual({ unit: 'day', count: 2, maxima: [4, 3] });
    expect(dayBlocks(scores, time, ['a', 'b', 'a', 'a'])).toEqual({ unit: 'host-day', count: 3, maxima: [4, 3, 1] });
  });
});

describe('categoryScores', () => {
  it('keeps groups of many rows with p-values of their own, and leaves out unknown and rare categories', () => {
    const scores = heavyScores(3000, 3);
    const codes = Uint16Array.from(scores, (_, row) =>
      row % 3 === 0 ? 2 : row % 100 === 1 ? 3 : row % 3 === 1 ? 1 : 0,
    );
    const { groups } = categoryScores(scores, { feature: 'service', categories: ['web', 'dns', 'ssh'], codes });
    expect(groups.map(({ category, code }) => [category, code])).toEqual([
      ['dns', 2],
      ['web', 1],
    ]);
    const own = scores.filter((_, row) => codes[row] === 2);
    expect(groups[0]!.pValues.rows).toBe(own.length);
    for (const score of [2, 10, 100]) {
      const exact = (1 + own.filter((each) => each >= score).length) / (own.length + 1);
      expect(pValue(groups[0]!.pValues, score)).toBeGreaterThanOrEqual(exact);
      expect(pValue(groups[0]!.pValues, score)).toBeLessThanOrEqual(1.2 * exact);
    }
  });
});

describe('observedTime', () => {
  it('leaves out pauses of more than an hour', () => {
    expect(observedTime(BigInt64Array.of(0n, HOUR, 10n * HOUR, 11n * HOUR))!.days).toBeCloseTo(2 / 24, 12);
  });
});
