import type { ResidualPenalty } from '@edgeguard/contracts';
import { SeededRandom } from '@edgeguard/transform';
import { describe, expect, it } from 'vitest';
import { fitScorer, ResidualMoments, zcaCorWhitening } from '../src/index.ts';

const WIDTH = 6;

/** Correlated residuals of unlike sizes around unlike means. */
function residuals(rows: number): Float32Array {
  const random = new SeededRandom(4);
  const values = new Float32Array(rows * WIDTH);
  for (let row = 0; row < rows; row++) {
    const common = random.uniform() - 0.5;
    for (let i = 0; i < WIDTH; i++) {
      values[row * WIDTH + i] = i + 10 ** (i / 2 - 2) * (common + (random.uniform() - 0.5) * (1 + i / 3));
    }
  }
  return values;
}

function momentsOf(values: Float32Array): ResidualMoments {
  const moments = new ResidualMoments(WIDTH);
  moments.add(values, new Float32Array(values.length), WIDTH, values.length / WIDTH);
  return moments;
}

describe('zcaCorWhitening', () => {
  it('makes residuals uncorrelated with variance 1, and correlates evenly with what it whitened', () => {
    const moments = momentsOf(residuals(4000));
    const covariance = moments.covariance;
    const w = zcaCorWhitening(covariance, WIDTH, 0);
    const times = (a: Float64Array, b: Float64Array, transposed = false): Float64Array =>
      Float64Array.from({ length: WIDTH * WIDTH }, (_, at) => {
        const [i, j] = [Math.floor(at / WIDTH), at % WIDTH];
        let sum = 0;
        for (let k = 0; k < WIDTH; k++) sum += a[i * WIDTH + k]! * b[transposed ? j * WIDTH + k : k * WIDTH + j]!;
        return sum;
      });
    const whitened = times(times(w, covariance), w, true);
    const cross = times(w, covariance); // covariance of z with r
    for (let i = 0; i < WIDTH; i++) {
      for (let j = 0; j < WIDTH; j++) {
        expect(whitened[i * WIDTH + j]).toBeCloseTo(i === j ? 1 : 0, 9);
        // Symmetric correlation of z with r is what makes it the ZCA-cor whitening and no rotation of it.
        const one = cross[i * WIDTH + j]! / Math.sqrt(covariance[j * WIDTH + j]!);
        const other = cross[j * WIDTH + i]! / Math.sqrt(covariance[i * WIDTH + i]!);
        expect(one).toBeCloseTo(other, 9);
      }
    }
  });

  it('adds the shrinkage to the variances, so that a residual without variance does not explode', () => {
    const covariance = new Float64Array(4);
    covariance[0] = 2; // the second residual never moves
    const w = zcaCorWhitening(covariance, 2, 0.1);
    expect(w[0]).toBeCloseTo(1 / Math.sqrt(2.1), 12);
    expect(w[3]).toBeCloseTo(1 / Math.sqrt(0.1), 12);
    expect([...zcaCorWhitening(new Float64Array(4), 2, 0.1)]).toEqual([1, 0, 0, 1]);
  });
});

describe('fitScorer', () => {
  it('takes the mean off, whitens, and scores normal rows near 1', () => {
    const values = residuals(3000);
    const moments = momentsOf(values);
    const scorer = fitScorer({
      moments,
      penalty: { kind: 'whitened-residual' },
      shrinkage: 0,
      clipSigma: 5,
      splits: {},
    });
    expect(scorer.rows).toBe(3000);
    expect(scorer.evidenceWeight).toBeCloseTo(10 / WIDTH, 6);
    const weight = (penalty: ResidualPenalty): number =>
      fitScorer({ moments, penalty, shrinkage: 0, clipSigma: 5, splits: {} }).evidenceWeight;
    expect(weight({ kind: 'huber-residual', bound: 3 })).toBeCloseTo(6 / WIDTH, 6);
    expect(weight({ kind: 'log-penalty', epsilon: 15 })).toBeCloseTo(0.25 / WIDTH, 6);
    let total = 0;
    for (let row = 0; row < 3000; row++) {
      for (let i = 0; i < WIDTH; i++) {
        let z = 0;
        for (let j = 0; j < WIDTH; j++) {
          z += scorer.whitening[i * WIDTH + j]! * (values[row * WIDTH + j]! - scorer.mean[j]!);
        }
        total += z * z;
      }
    }
    expect(total / (3000 * WIDTH)).toBeCloseTo(1, 4);
  });
});
