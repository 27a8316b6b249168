import { describe, expect, it } from 'vitest';
import { UserError } from '@edgeguard/contracts';
import { clusterMaxima } from '../../src/threshold/decluster.ts';
import { excessAt, fitGeneralisedPareto, survival } from '../../src/threshold/generalised-pareto.ts';
import { fitTail, tailProbability, tailQuantile } from '../../src/threshold/tail-model.ts';
import { seededRandom } from '../support/seeded-random.ts';

/** Independent rows whose excess over any level is exactly generalised Pareto of this shape. */
function paretoRows(shape: number, rows: number, random: () => number): Float64Array {
  return Float64Array.from({ length: rows }, () => excessAt({ shape, scale: 1 }, 1 - random()));
}

describe('fitGeneralisedPareto', () => {
  it.each([-0.3, 0, 0.2, 0.6])('finds the shape %d and its scale again', (shape) => {
    const fit = fitGeneralisedPareto(paretoRows(shape, 20_000, seededRandom(7)));
    expect(fit.shape).toBeCloseTo(shape, 1);
    expect(fit.scale).toBeGreaterThan(0.95);
    expect(fit.scale).toBeLessThan(1.05);
  });

  it('inverts its survival function', () => {
    for (const shape of [-0.4, 0, 0.5]) {
      for (const chance of [0.9, 0.1, 1e-6]) {
        expect(survival({ shape, scale: 3 }, excessAt({ shape, scale: 3 }, chance)) / chance).toBeCloseTo(1, 6);
      }
    }
  });
});

describe('clusterMaxima', () => {
  it('takes one maximum of each run above the level', () => {
    const maxima = clusterMaxima([5, 1, 7, 0, 6, 9, 2, 8], [0, 1, 2, 3, 70, 71, 72, 200], 4, 60);
    expect([...maxima]).toEqual([7, 9, 8]);
  });
});

describe('fitTail', () => {
  it.each([-0.2, 0, 0.25])('covers the true score of a rate beyond the data, for a tail of shape %d', (shape) => {
    const random = seededRandom(100 + 100 * shape);
    const truth = excessAt({ shape, scale: 1 }, 1e-4);
    const draws = 40;
    let covered = 0;
    let refused = 0;
    for (let draw = 0; draw < draws; draw++) {
      try {
        const { low, high } = tailQuantile(fitTail(paretoRows(shape, 4000, random)), 1e-4);
        if (low <= truth && truth <= high) covered++;
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        refused++;
      }
    }
    // 95 % nominal; 40 draws leave room for chance.
    expect(covered / (draws - refused)).toBeGreaterThanOrEqual(0.85);
    // A true form is refused once in twenty times.
    expect(refused / draws).toBeLessThan(0.2);
  });

  it('ranks scores beyond every calibration score', () => {
    const scores = paretoRows(0.1, 5000, seededRandom(5));
    const tail = fitTail(scores);
    const largest = Math.max(...scores);
    expect(tailProbability(tail, 2 * largest)).toBeLessThan(tailProbability(tail, largest));
    expect(tailProbability(tail, 2 * largest)).toBeLessThan(1 / 5001);
    expect(tailProbability(tail, tail.level)).toBeCloseTo(0.05, 3);
  });

  it('counts bursts once', () => {
    const random = seededRandom(6);
    const calm = paretoRows(0, 4000, random);
    const burst = Float64Array.from(calm).map((score, row) => Math.max(score, calm[row - (row % 4)]!));
    expect(fitTail(calm).clusters).toBeGreaterThan(
      1.5 *
        clusterMaxima(
          burst,
          burst.map((_, row) => row),
          6,
          1,
        ).length,
    );
  });

  it('refuses too few clusters, and a tail of another form', () => {
    expect(() => fitTail(new Float64Array(300).map((_, i) => i))).toThrow(
      /clusters above the level are no tail.* needs 50/,
    );
    const random = seededRandom(8);
    const steps = Float64Array.from({ length: 8000 }, () =>
      random() < 0.03 ? 10 + (random() < 0.5 ? 0 : 5) : random(),
    );
    expect(() => fitTail(steps)).toThrow(/generalised Pareto tail does not fit/);
  });
});
