import { describe, expect, it } from 'vitest';
import type { ScorerDocument } from '@edgeguard/contracts';
import { ResidualScorer } from '../../src/score/residual-scorer.ts';

const SCORER: ScorerDocument = {
  format: 'edgeguard.scorer',
  version: 1,
  penalty: { kind: 'whitened-residual' },
  shrinkage: 0.1,
  mean: [0.5, 0, 0],
  whitening: [2, 0, 0, 0, 1, 1, 0, 0, 3],
  evidenceWeight: 0.25,
  rows: 10,
  splits: {},
};

describe('ResidualScorer', () => {
  it('whitens, squares, sums to features and adds the evidence', () => {
    // Inputs 0 and 2 come from feature 1, input 1 from feature 0; feature 2 has evidence alone.
    const scorer = new ResidualScorer(SCORER, [1, 0, 1], 3);
    const errors = new Float64Array(6);
    const scores = new Float64Array(2);
    scorer.score(Float32Array.of(1.5, 1, 2, 0.5, 0, 0), Float32Array.of(0, 0, 4, 0, 8, 0), 2, errors, scores);
    // Row 0: z = (2, 3, 6).
    expect(Array.from(errors.subarray(0, 3))).toEqual([9 / 3, 4 / 3 + 36 / 3, 1]);
    expect(scores[0]).toBeCloseTo(49 / 3 + 1, 12);
    // Row 1: no residual beyond the mean, evidence of feature 1.
    expect(Array.from(errors.subarray(3))).toEqual([0, 2, 0]);
    expect(scores[1]).toBe(2);
  });

  it('takes the tangent beyond the bound of Huber, and the logarithm of the log penalty', () => {
    const scored = (penalty: ScorerDocument['penalty']): number[] => {
      const scorer = new ResidualScorer({ ...SCORER, penalty }, [1, 0, 1], 3);
      const errors = new Float64Array(3);
      const scores = new Float64Array(1);
      scorer.score(Float32Array.of(1.5, 1, 2), Float32Array.of(0, 0, 4), 1, errors, scores);
      expect(scores[0]).toBeCloseTo(errors[0]! + errors[1]! + errors[2]!, 12);
      return [...errors];
    };
    // z = (2, 3, 6): within the bound, at it, beyond it.
    expect(scored({ kind: 'huber-residual', bound: 3 })).toEqual([9 / 3, 4 / 3 + 27 / 3, 1]);
    const [first, second] = scored({ kind: 'log-penalty', epsilon: 4 });
    expect(first).toBeCloseTo(Math.log(1 + 9 / 4) / 3, 12);
    expect(second).toBeCloseTo((Math.log(2) + Math.log(10)) / 3, 12);
  });

  it('refuses a scorer of another width', () => {
    expect(() => new ResidualScorer(SCORER, [0, 1], 2)).toThrow(/3 inputs.*gives 2/);
  });
});
