import { observedTime } from '@edgeguard/detection';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  averagePrecision,
  confusionAt,
  countAbove,
  detectionFigures,
  operatingCurve,
  oracleDetectionRate,
  quantile,
  rocAuc,
  sortScores,
  wilsonInterval,
} from '../../src/index.ts';

const floats = (...values: number[]): Float32Array => Float32Array.from(values);
/** Few distinct values, so that ties are common. */
const tied = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 30 });

describe('ranking', () => {
  it('counts every pair of an attack and a normal row, ties half', () => {
    fc.assert(
      fc.property(tied, tied, (normal, attack) => {
        let pairs = 0;
        for (const a of attack) for (const n of normal) pairs += a > n ? 1 : a === n ? 0.5 : 0;
        expect(rocAuc(sortScores(floats(...normal)), sortScores(floats(...attack)))).toBeCloseTo(
          pairs / (normal.length * attack.length),
          12,
        );
      }),
    );
  });

  it('sums precision over the gains in recall, from the highest threshold down', () => {
    fc.assert(
      fc.property(tied, tied, (normal, attack) => {
        let expected = 0;
        let before = 0;
        for (let score = 6; score >= 0; score--) {
          const hits = attack.filter((s) => s >= score).length;
          const alarms = normal.filter((s) => s >= score).length;
          if (hits > before) expected += ((hits - before) / attack.length) * (hits / (hits + alarms));
          before = hits;
        }
        expect(averagePrecision(sortScores(floats(...normal)), sortScores(floats(...attack)))).toBeCloseTo(
          expected,
          12,
        );
      }),
    );
  });

  it('agrees with figures worked by hand', () => {
    // The example of scikit-learn's documentation: labels 0 0 1 1, scores 0.1 0.4 0.35 0.8.
    const normal = floats(0.1, 0.4);
    const attack = floats(0.35, 0.8);
    expect(rocAuc(normal, attack)).toBe(0.75);
    expect(averagePrecision(normal, attack)).toBeCloseTo(0.8333333, 6);
  });

  it('gives exactly 1 where every attack is above every normal row, whatever their number', () => {
    for (let attacks = 1; attacks <= 200; attacks++) {
      const attack = Float32Array.from({ length: attacks }, (_, i) => 10 + i);
      expect(averagePrecision(floats(1, 2, 3), attack)).toBe(1);
    }
  });

  it('has no figure where rows of one kind are missing', () => {
    expect(rocAuc(floats(), floats(1))).toBeNull();
    expect(rocAuc(floats(1), floats())).toBeNull();
    expect(averagePrecision(floats(), floats(1))).toBeNull();
    expect(averagePrecision(floats(1), floats())).toBeNull();
    expect(oracleDetectionRate(floats(), floats(1), 0.1)).toBeNull();
  });

  it('gives the best detection rate within a budget of false alarms', () => {
    const normal = floats(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    const attack = floats(9.5, 10, 11, 12);
    // Alerting at >= 10 also takes the normal row that ties with an attack at 10.
    expect(oracleDetectionRate(normal, attack, 0)).toBe(0.5);
    expect(oracleDetectionRate(normal, attack, 0.1)).toBe(1);
  });
});

describe('confusion', () => {
  it('raises an alert strictly above the threshold', () => {
    const scores = floats(1, 2, 2, 3);
    expect(countAbove(scores, 2)).toBe(1);
    expect(countAbove(scores, 1.99)).toBe(3);
    expect(countAbove(scores, -1)).toBe(4);
    expect(countAbove(scores, 3)).toBe(0);
  });

  it('gives the shares of a confusion matrix', () => {
    const confusion = confusionAt(2, floats(0, 1, 2, 3), floats(2, 3, 4, 5, 6));
    expect(confusion).toEqual({ truePositives: 4, falsePositives: 1, trueNegatives: 3, falseNegatives: 1 });
    const figures = detectionFigures(confusion);
    expect(figures.detectionRate!.value).toBe(0.8);
    expect(figures.falseAlarmRate!.value).toBe(0.25);
    expect(figures.precision).toBe(0.8);
    expect(figures.f1).toBeCloseTo(0.8, 12);
  });

  it('leaves out what is not defined', () => {
    const quiet = detectionFigures(confusionAt(10, floats(1, 2), floats()));
    expect(quiet).toMatchObject({ detectionRate: null, precision: null, f1: null });
    expect(quiet.falseAlarmRate).not.toBeNull();
    const missed = detectionFigures(confusionAt(10, floats(1, 2), floats(3)));
    expect(missed).toMatchObject({ precision: null, f1: 0 });
  });

  it('refuses scores that have no rank', () => {
    expect(() => sortScores(floats(1, NaN))).toThrow(RangeError);
    expect(() => sortScores(floats(Infinity))).toThrow('score 0');
  });

  it('takes quantiles that occurred', () => {
    expect(quantile(floats(1, 2, 3, 4), 0.5)).toBe(2);
    expect(quantile(floats(1, 2, 3, 4), 0)).toBe(1);
    expect(quantile(floats(1, 2, 3, 4), 1)).toBe(4);
  });
});

describe('wilson interval', () => {
  it('gives published values', () => {
    // Newcombe 1998, "Two-sided confidence intervals for the single proportion", method 3, table I.
    const cases: [number, number, number, number][] = [
      [81, 263, 0.2553, 0.3662],
      [15, 148, 0.0624, 0.1605],
      [0, 20, 0, 0.1611],
      [1, 29, 0.0061, 0.1718],
    ];
    for (const [count, total, low, high] of cases) {
      const interval = wilsonInterval(count, total);
      expect(interval[0]).toBeCloseTo(low, 4);
      expect(interval[1]).toBeCloseTo(high, 4);
    }
  });

  it('stays within 0 and 1 and holds the share', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (total, share) => {
        const count = Math.round(share * total);
        const [low, high] = wilsonInterval(count, total);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(count / total);
        expect(high).toBeGreaterThanOrEqual(count / total);
      }),
    );
  });
});

describe('operating curve', () => {
  it('keeps exact points and both ends, thinned to the number asked for', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 400 }),
        fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 400 }),
        fc.integer({ min: 10, max: 60 }),
        (a, b, points) => {
          const normal = sortScores(floats(...a));
          const attack = sortScores(floats(...b));
          const curve = operatingCurve(normal, attack, points);
          expect(curve.score.length).toBeLessThanOrEqual(points);
          expect(curve.score[0]).toBe(Math.max(normal.at(-1)!, attack.at(-1)!));
          expect(curve.falseAlarms.at(-1)).toBe(normal.length);
          expect(curve.detections.at(-1)).toBe(attack.length);
          for (const [i, score] of curve.score.entries()) {
            expect(curve.falseAlarms[i]).toBe(a.filter((s) => s >= score).length);
            expect(curve.detections[i]).toBe(b.filter((s) => s >= score).length);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('observed time', () => {
  const at = (...seconds: number[]): BigInt64Array => BigInt64Array.from(seconds, (s) => BigInt(s) * 1_000_000_000n);

  it('adds up the time between rows, whatever their order', () => {
    expect(observedTime(at(1800, 0, 3600, 5400))).toEqual({ first: '0', last: '5400000000000', days: 5400 / 86_400 });
  });

  it('leaves out pauses of more than an hour', () => {
    expect(observedTime(at(0, 600, 1_000_000, 1_000_600))!.days).toBeCloseTo(1200 / 86_400, 12);
  });

  it('is unknown for rows without any extent in time', () => {
    expect(observedTime(at())).toBeNull();
    expect(observedTime(at(5, 5, 5))).toBeNull();
  });
});
