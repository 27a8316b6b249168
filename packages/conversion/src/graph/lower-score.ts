import type { ResidualPenalty, ScorerDocument } from '@edgeguard/contracts';
import type { GraphBuilder, TensorHandle } from '@edgeguard/tflite/builder';
import { dense } from './dense.ts';
import type { LoweredTransform } from './lower-transform.ts';
import { Matrix } from './matrix.ts';

/** The score [batch] and its shares [batch, F]. */
export interface LoweredScore {
  readonly score: TensorHandle;
  readonly featureErrors: TensorHandle;
}

/**
 * Writes the scorer: residual, whitening as one dense layer, penalties, and sums as dense layers. The residual's mean goes
 * into the whitening's bias. The score's own sum does not pass through the shares, so that a score alone needs fewer
 * operators.
 *
 * @param reconstruction the autoencoder's output [batch, D]
 * @param featureOf      for each of the D inputs the feature that it comes from
 */
export function lowerScore(
  g: GraphBuilder,
  transform: LoweredTransform,
  reconstruction: TensorHandle,
  scorer: ScorerDocument,
  featureOf: readonly number[],
  featureCount: number,
): LoweredScore {
  const inputCount = featureOf.length;
  const residual = g.sub(transform.inputs, reconstruction, 'none', 'residual');
  const { bound, penaltyOf } = lowering(scorer.penalty);
  const z = dense(g, residual, whiteningOf(scorer, bound), whiteningBias(scorer, bound), 'whitened');
  const penalties = penaltyOf(g, z);

  const part = (bound * bound) / inputCount;
  const sum = new Matrix(1, inputCount);
  sum.values.fill(part);
  const shares = new Matrix(featureCount, inputCount);
  for (const [input, feature] of featureOf.entries()) shares.set(feature, input, part);

  let score = dense(g, penalties, sum, undefined, 'score/penalties');
  let featureErrors = dense(g, penalties, shares, undefined, 'feature_error/penalties');
  const { evidence } = transform;
  if (evidence) {
    const total = new Matrix(1, featureCount);
    total.values.fill(1);
    score = g.add(score, dense(g, evidence, total, undefined, 'score/evidence'));
    featureErrors = g.add(featureErrors, evidence);
  }
  return { score: g.reshape(score, [-1], 'score'), featureErrors };
}

/** A penalty as operators: whitened residuals in units of `bound` to penalties in units of its square. */
interface PenaltyLowering {
  readonly bound: number;
  readonly penaltyOf: (g: GraphBuilder, z: TensorHandle) => TensorHandle;
}

/**
 * Huber's penalty in units of its bound is a product, c * (z + (z - c)) with c = min(max(z, -1), 1), since the difference
 * of two squares would lose digits far beyond the bound.
 */
function lowering(penalty: ResidualPenalty): PenaltyLowering {
  switch (penalty.kind) {
    case 'whitened-residual':
      return { bound: 1, penaltyOf: (g, z) => g.mul(z, z, 'none', 'penalties') };
    case 'huber-residual':
      return {
        bound: penalty.bound,
        penaltyOf: (g, z) => {
          const inside = g.reluN1To1(z, 'huber/inside');
          return g.mul(inside, g.add(z, g.sub(z, inside)), 'none', 'penalties');
        },
      };
    case 'log-penalty':
      return {
        bound: 1,
        penaltyOf: (g, z) => {
          const share = g.mul(g.mul(z, z), g.scalar(1 / penalty.epsilon));
          return g.log(g.add(share, g.scalar(1)), 'penalties');
        },
      };
  }
}

function whiteningOf({ whitening, mean }: ScorerDocument, unit: number): Matrix {
  const weights = new Matrix(mean.length, mean.length);
  weights.values.set(whitening.map((value) => value / unit));
  return weights;
}

/** -W mean, so that W r + bias = W (r - mean). */
function whiteningBias({ whitening, mean }: ScorerDocument, unit: number): Float32Array {
  return Float32Array.from(mean, (_, row) => {
    let sum = 0;
    for (let i = 0; i < mean.length; i++) sum -= whitening[row * mean.length + i]! * mean[i]!;
    return sum / unit;
  });
}
