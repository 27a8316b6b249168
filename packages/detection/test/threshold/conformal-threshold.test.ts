import { describe, expect, it } from 'vitest';
import { ThresholdSchema, UserError } from '@edgeguard/contracts';
import { conformalThreshold, largestRank, rowsNeeded } from '../../src/threshold/conformal-threshold.ts';
import { binomialUpperTail } from '../../src/threshold/incomplete-beta.ts';
import { seededRandom } from '../support/seeded-random.ts';

const BUDGET = { falseAlarmRate: 1e-3, confidence: 0.95 };

function uniformScores(rows: number, random: () => number): Float64Array {
  return Float64Array.from({ length: rows }, random);
}

describe('rowsNeeded', () => {
  it('needs 2,995 rows for 95 % confidence in one in a thousand', () => {
    expect(rowsNeeded(BUDGET)).toBe(2995);
    expect(binomialUpperTail(2995, 1e-3, 1)).toBeGreaterThanOrEqual(0.95);
    expect(binomialUpperTail(2994, 1e-3, 1)).toBeLessThan(0.95);
  });
});

describe('largestRank', () => {
  it('is the last rank that keeps the confidence', () => {
    for (const rows of [2995, 5000, 20_000, 1_000_000]) {
      const rank = largestRank(rows, BUDGET);
      expect(binomialUpperTail(rows, BUDGET.falseAlarmRate, rank)).toBeGreaterThanOrEqual(0.95);
      expect(binomialUpperTail(rows, BUDGET.falseAlarmRate, rank + 1)).toBeLessThan(0.95);
    }
    expect(largestRank(2994, BUDGET)).toBe(0);
  });
});

describe('conformalThreshold', () => {
  it('takes the largest score of 2,995 and expects a third of the budget', () => {
    const scores = Float32Array.from({ length: 2995 }, (_, i) => (i * 7919) % 2995);
    const threshold = conformalThreshold(scores, BUDGET);
    expect(threshold).toEqual({
      rule: 'conformal',
      value: 2994,
      falseAlarmRate: 1e-3,
      confidence: 0.95,
      rows: 2995,
      rank: 1,
      expectedRate: 1 / 2996,
    });
    expect(ThresholdSchema.parse(threshold)).toEqual(threshold);
    expect(scores[1]).toBe(7919 % 2995);
  });

  it('says how many more rows a budget needs', () => {
    const scores = new Float32Array(1000);
    expect(() => conformalThreshold(scores, BUDGET, 'calibration.arrow')).toThrow(UserError);
    expect(() => conformalThreshold(scores, BUDGET, 'calibration.arrow')).toThrow(
      /calibration\.arrow: 1000 normal rows .* needs 2995; add 1995 more .*\(from 0\.003\)/,
    );
    // The rate that it offers instead is one that these rows support.
    expect(conformalThreshold(scores, { falseAlarmRate: 0.003, confidence: 0.95 }).rank).toBe(1);
    expect(() => conformalThreshold(new Float32Array(0), BUDGET)).toThrow(UserError);
  });

  it('refuses scores that are not finite', () => {
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const scores = new Float32Array(4000).fill(1);
      scores[17] = wrong;
      expect(() => conformalThreshold(scores, BUDGET)).toThrow(RangeError);
    }
  });

  it('raises no alarm on ties', () => {
    const scores = new Float32Array(5000).fill(3);
    const { value } = conformalThreshold(scores, BUDGET);
    expect(scores.some((score) => score > value)).toBe(false);
  });

  it.each([
    [3000, 1e-3, 1],
    [4800, 1e-3, 2],
    [2000, 0.01, 13],
    [2000, 0.05, 84],
  ])('keeps its promise in 93 to 97 of 100 draws of %i independent rows at a rate of %d', (rows, rate, rank) => {
    const random = seededRandom(rows);
    let kept = 0;
    const draws = 1000;
    for (let draw = 0; draw < draws; draw++) {
      const threshold = conformalThreshold(uniformScores(rows, random), { falseAlarmRate: rate, confidence: 0.95 });
      expect(threshold.rank).toBe(rank);
      // For uniform scores the true false alarm rate of a threshold is what lies above it.
      if (1 - threshold.value <= rate) kept++;
    }
    expect(kept / draws).toBeGreaterThan(0.93);
    expect(kept / draws).toBeLessThan(0.97);
  });
});
