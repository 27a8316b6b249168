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
  const whitened = dense(g, residual, whiteningOf(scorer, inputCount), whiteningBias(scorer, inputCount), 'whitened');
  const penalties = lowerPenalty(g, whitened, scorer.penalty);

  const sum = new Matrix(1, inputCount);
  sum.values.fill(1 / inputCount);
  const shares = new Matrix(featureCount, inputCount);
  for (const [input, feature] of featureOf.entries()) shares.set(feature, input, 1 / inputCount);

  let score = dense(g, penalties, sum, undefined, 'score/penalties');
  let featureErrors = dense(g, penalties, shares, undefined, 'feature_error/penalties');
  for (const term of evidence(g, transform, scorer.evidenceWeight, featureCount)) {
    score = g.add(score, dense(g, term.tensor, term.total, undefined, `score/${term.name}`));
    featureErrors = g.add(featureErrors, term.shares(`feature_error/${term.name}`));
  }
  return { score: g.reshape(score, [-1], 'score'), featureErrors };
}

/**
 * The penalty of every whitened residual. Huber's is written as a product, min(|z|, b) * (2 |z| - min(|z|, b)), since the
 * difference of two squares would lose digits far beyond the bound.
 */
function lowerPenalty(g: GraphBuilder, z: TensorHandle, penalty: ResidualPenalty): TensorHandle {
  switch (penalty.kind) {
    case 'whitened-residual':
      return g.mul(z, z, 'none', 'penalties');
    case 'huber-residual': {
      const size = g.abs(z, 'huber/size');
      const inside = g.minimum(size, g.scalar(penalty.bound), 'huber/inside');
      return g.mul(inside, g.add(size, g.sub(size, inside)), 'none', 'penalties');
    }
    case 'log-penalty': {
      const share = g.mul(g.mul(z, z), g.scalar(1 / penalty.epsilon));
      return g.log(g.add(share, g.scalar(1)), 'penalties');
    }
  }
}

function whiteningOf(scorer: ScorerDocument, inputs: number): Matrix {
  const weights = new Matrix(inputs, inputs);
  weights.values.set(scorer.whitening);
  return weights;
}

/** -W mean, so that W r + bias = W (r - mean). */
function whiteningBias(scorer: ScorerDocument, inputs: number): Float32Array {
  return Float32Array.from({ length: inputs }, (_, row) => {
    let sum = 0;
    for (let i = 0; i < inputs; i++) sum -= scorer.whitening[row * inputs + i]! * scorer.mean[i]!;
    return sum;
  });
}

/** A linear share of the score that comes from a tensor other than the squares. */
interface EvidenceTerm {
  readonly name: string;
  readonly tensor: TensorHandle;
  readonly total: Matrix;
  /** Writes the shares [batch, F]. */
  readonly shares: (name: string) => TensorHandle;
}

function evidence(g: GraphBuilder, transform: LoweredTransform, weight: number, featureCount: number): EvidenceTerm[] {
  const terms: EvidenceTerm[] = [];
  if (weight === 0) return terms;
  const { excess, inputs, oneHot } = transform;
  if (excess) {
    const total = new Matrix(1, featureCount);
    total.values.fill(weight);
    const shares = (name: string): TensorHandle => g.mul(excess, g.scalar(weight), 'none', name);
    terms.push({ name: 'excess', tensor: excess, total, shares });
  }
  if (oneHot) {
    // 1 - sum of the block: a known code sums to 1, so this is 0 or 1. One column for each block, since the score and the
    // shares both need them.
    const { first, operation } = oneHot;
    const { blocks, unknownExcess } = operation;
    const sums = new Matrix(blocks.length, inputs.shape[1]!);
    const total = new Matrix(1, blocks.length);
    const parts = new Matrix(featureCount, blocks.length);
    total.values.fill(weight * unknownExcess);
    let column = first;
    for (const [block, { feature, size }] of blocks.entries()) {
      parts.set(feature, block, weight * unknownExcess);
      for (let k = 0; k < size; k++) sums.set(block, column++, -1);
    }
    const tensor = dense(g, inputs, sums, new Float32Array(blocks.length).fill(1), 'unknown');
    const shares = (name: string): TensorHandle => dense(g, tensor, parts, undefined, name);
    terms.push({ name: 'unknown_category', tensor, total, shares });
  }
  return terms;
}
