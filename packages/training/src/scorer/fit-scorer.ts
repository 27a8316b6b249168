import {
  penaltySlope,
  type ResidualPenalty,
  type ScorerDocument,
  type SplitUses,
  type TransformDocument,
  UserError,
} from '@edgeguard/contracts';
import type { DenseNetwork } from '../network/dense-network.ts';
import { rowErrors } from '../loop/trim.ts';
import type { Pause, WindowedRows } from '../loop/windowed-rows.ts';
import { ResidualMoments } from './residual-moments.ts';
import { zcaCorWhitening } from './whitening.ts';

/** What {@link fitScorer} works on. */
export interface ScorerFit {
  /** Validation residuals, target - reconstruction. */
  readonly moments: ResidualMoments;
  readonly penalty: ResidualPenalty;
  readonly shrinkage: number;
  /** Deviations at which the transform cuts values off. */
  readonly clipSigma: number;
  readonly splits: SplitUses;
}

/**
 * Fits a scorer. Evidence weighs the slope that the penalty of one residual of clipSigma has, over D, so that a score goes
 * on growing smoothly beyond the clip.
 */
export function fitScorer({ moments, penalty, shrinkage, clipSigma, splits }: ScorerFit): ScorerDocument {
  if (moments.rows < 2) {
    throw new UserError('validation split', `it has ${moments.rows} finite rows`, 'give it more normal rows');
  }
  const floats = (values: Float64Array): number[] => Array.from(values, Math.fround);
  return {
    format: 'edgeguard.scorer',
    version: 1,
    penalty,
    shrinkage,
    mean: floats(moments.mean),
    whitening: floats(zcaCorWhitening(moments.covariance, moments.width, shrinkage)),
    evidenceWeight: Math.fround(penaltySlope(penalty, clipSigma) / moments.width),
    rows: moments.rows,
    splits,
  };
}

/**
 * Residuals of a network on rows.
 *
 * @param largestError rows with a larger reconstruction error take no part
 */
export async function residualMoments(
  network: DenseNetwork,
  rows: WindowedRows,
  pause: Pause,
  largestError = Number.POSITIVE_INFINITY,
): Promise<ResidualMoments> {
  const { stride } = network;
  const moments = new ResidualMoments(rows.store.width);
  await rows.forEachPart(pause, (first, count) => {
    const errors = largestError < Number.POSITIVE_INFINITY ? rowErrors(network, first, count) : undefined;
    const outputs = network.reconstruct(first, count);
    const targets = network.rows.subarray(network.order[first]! * stride);
    if (!errors) {
      moments.add(targets, outputs, stride, count);
      return;
    }
    for (let row = 0; row < count; row++) {
      if (errors[row]! <= largestError)
        moments.add(targets.subarray(row * stride), outputs.subarray(row * stride), stride, 1);
    }
  });
  return moments;
}

/** The clip that a transform saturates numbers at, in deviations. */
export function clipSigmaOf(transform: TransformDocument): number {
  const saturate = transform.operations.find((operation) => operation.kind === 'saturate');
  const number = transform.schema.features.findIndex((feature) => feature.kind !== 'category');
  // With categories alone nothing is clipped; an unknown category then weighs as the transform says.
  return saturate && number >= 0 ? saturate.high[number]! : 1;
}
