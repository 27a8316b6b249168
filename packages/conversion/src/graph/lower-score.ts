import type { ScorerDocument } from '@edgeguard/contracts';
import type { GraphBuilder, TensorHandle } from '@edgeguard/tflite/builder';
import { dense } from './dense.ts';
import { lowerDistance } from './lower-distance.ts';
import { lowerPenalty } from './lower-penalty.ts';
import type { LoweredTransform } from './lower-transform.ts';
import { Matrix } from './matrix.ts';

/** The score [batch] and its shares [batch, F]. */
export interface LoweredScore {
  readonly score: TensorHandle;
  readonly featureErrors: TensorHandle;
}

/** A part of the score [batch, 1], and its shares [batch, F]. */
export type ScorePart = LoweredScore;

/**
 * Writes the scorer: penalties of the whitened residual, a distance to normal where the scorer has one, and evidence. The
 * score's own sum does not pass through the shares, so that a score alone needs fewer operators.
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
  const { distance } = scorer;
  const parts: ScorePart[] = [];
  if (distance?.residualWeight !== 0) {
    parts.push(lowerResidual(g, transform.inputs, reconstruction, scorer, featureOf, featureCount));
  }
  if (distance) parts.push(lowerDistance(g, transform.inputs, scorer.penalty, distance, featureOf, featureCount));
  let { score, featureErrors } = parts.reduce((a, b) => ({
    score: g.add(a.score, b.score),
    featureErrors: g.add(a.featureErrors, b.featureErrors),
  }));
  const { evidence } = transform;
  if (evidence) {
    const total = new Matrix(1, featureCount);
    total.values.fill(1);
    score = g.add(score, dense(g, evidence, total, undefined, 'score/evidence'));
    featureErrors = g.add(featureErrors, evidence);
  }
  return { score: g.reshape(score, [-1], 'score'), featureErrors };
}

/**
 * Residual, whitening as one dense layer, penalties, and sums as dense layers. The residual's mean goes into the whitening's
 * bias.
 */
function lowerResidual(
  g: GraphBuilder,
  inputs: TensorHandle,
  reconstruction: TensorHandle,
  scorer: ScorerDocument,
  featureOf: readonly number[],
  featureCount: number,
): ScorePart {
  const inputCount = featureOf.length;
  const residual = g.sub(inputs, reconstruction, 'none', 'residual');
  const { bound, penaltyOf } = lowerPenalty(scorer.penalty);
  const z = dense(g, residual, whiteningOf(scorer, bound), whiteningBias(scorer, bound), 'whitened');
  const penalties = penaltyOf(g, z);

  const part = ((scorer.distance?.residualWeight ?? 1) * (bound * bound)) / inputCount;
  const sum = new Matrix(1, inputCount);
  sum.values.fill(part);
  const shares = new Matrix(featureCount, inputCount);
  for (const [input, feature] of featureOf.entries()) shares.set(feature, input, part);
  return {
    score: dense(g, penalties, sum, undefined, 'score/penalties'),
    featureErrors: dense(g, penalties, shares, undefined, 'feature_error/penalties'),
  };
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
