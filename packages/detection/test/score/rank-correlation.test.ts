import { describe, expect, it } from 'vitest';
import { rankCorrelation } from '../../src/index.ts';

describe('rankCorrelation', () => {
  it('sees order and nothing else', () => {
    expect(rankCorrelation([1, 2, 3, 4], [10, 100, 1000, 1e9])).toBeCloseTo(1, 12);
    // scipy.stats.spearmanr([1, 2, 3, 4, 5], [5, 6, 7, 8, 7])
    expect(rankCorrelation([1, 2, 3, 4, 5], [5, 6, 7, 8, 7])).toBeCloseTo(0.8207826816681233, 12);
    expect(rankCorrelation([1, 2, 3, 4], [4, 3, 2, -50])).toBeCloseTo(-1, 12);
  });

  it('shares ranks between ties, as in the textbook', () => {
    // Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: covariance 4.5, variances 4.5 and 5.
    expect(rankCorrelation([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(4.5 / Math.sqrt(22.5), 12);
    expect(rankCorrelation([1, 1, 1], [2, 2, 2])).toBe(1);
    expect(rankCorrelation([1, 1, 1], [2, 3, 4])).toBe(0);
  });
});
