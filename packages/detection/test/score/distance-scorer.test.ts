import { describe, expect, it } from 'vitest';
import type { DistanceDocument } from '@edgeguard/contracts';
import { DistanceScorer } from '../../src/score/distance-scorer.ts';

/** Centres (0, 0, 0) and (4, 4, 4); the second is twice as wide in its last input. */
const DISTANCE: DistanceDocument = {
  residualWeight: 0.5,
  weight: 3,
  deviationFloor: 0.5,
  centres: [0, 0, 0, 4, 4, 4],
  deviations: [0.5, 0.5, 0.5, 0.5, 0.5, 1],
};

describe('DistanceScorer', () => {
  it('adds the distance to the nearest centre, and what each of its inputs has in it to the features', () => {
    // Inputs 0 and 2 come from feature 1, input 1 from feature 0.
    const scorer = new DistanceScorer({ kind: 'whitened-residual' }, DISTANCE, [1, 0, 1], 2);
    const errors = Float64Array.of(10, 0, 0, 0);
    const scores = Float64Array.of(10, 0);
    scorer.add(Float32Array.of(0.5, 0, 1, 4, 3, 6), 2, errors, scores);
    // Row 0, first centre: z = (1, 0, 2). Row 1, second: z = (0, -2, 2), and 2 log 2 for its width.
    const wide = 2 * Math.log(2);
    expect([...errors]).toEqual([10, 5, 4, 4 + wide].map((value) => expect.closeTo(value, 12)));
    expect([...scores]).toEqual([15, 8 + wide].map((value) => expect.closeTo(value, 12)));
  });

  it('takes the penalty of the scorer, and says which centre is nearest by how much', () => {
    const scorer = new DistanceScorer({ kind: 'huber-residual', bound: 1 }, DISTANCE, [0, 0, 0], 1);
    const row = Float32Array.of(0.5, 0, 1);
    expect(scorer.nearest(row, 0)).toBe(0);
    expect(scorer.distance).toBeCloseTo(1 + 3, 12);
    // z = (-7, -8, -3)
    expect(scorer.distance + scorer.gap).toBeCloseTo(13 + 15 + 5 + 2 * Math.log(2), 12);
    expect(scorer.slope(row, 0, 0, 2)).toBeCloseTo(2 / 0.5, 12);
    expect(scorer.nearest(Float32Array.of(3, 3, 3), 0)).toBe(1);
  });

  it('refuses centres of another width', () => {
    expect(() => new DistanceScorer({ kind: 'whitened-residual' }, DISTANCE, [0, 0, 0, 0], 1)).toThrow(
      /6 values.*4 inputs/,
    );
  });
});
