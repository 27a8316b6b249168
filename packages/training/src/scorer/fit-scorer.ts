import { type ScorerDocument, type SplitUses, type TransformDocument, UserError } from '@edgeguard/contracts';
import type { DenseNetwork } from '../network/dense-network.ts';
import type { WindowedRows } from '../loop/windowed-rows.ts';
import { ResidualMoments } from './residual-moments.ts';
import { zcaCorWhitening } from './whitening.ts';

/** What {@link fitScorer} works on. */
export interface ScorerFit {
  /** Validation residuals, target - reconstruction. */
  readonly moments: ResidualMoments;
  readonly shrinkage: number;
  /** Deviations at which the transform cuts values off. */
  readonly clipSigma: number;
  readonly splits: SplitUses;
}

/**
 * Fits the whitened-residual scorer. Evidence weighs 2 * clipSigma / D: the slope of the squared error of one feature
 * at the clip, so that a score goes on growing smoothly beyond it.
 */
export function fitScorer({ moments, shrinkage, clipSigma, splits }: ScorerFit): ScorerDocument {
  if (moments.rows < 2) {
    throw new UserError('validation split', `it has ${moments.rows} finite rows`, 'give it more normal rows');
  }
  const floats = (values: Float64Array): number[] => Array.from(values, Math.fround);
  return {
    format: 'edgeguard.scorer',
    version: 1,
    kind: 'whitened-residual',
    shrinkage,
    mean: floats(moments.mean),
    whitening: floats(zcaCorWhitening(moments.covariance, moments.width, shrinkage)),
    evidenceWeight: Math.fround((2 * clipSigma) / moments.width),
    rows: moments.rows,
    splits,
  };
}

/** Residuals of a network on rows. */
export async function residualMoments(
  network: DenseNetwork,
  rows: WindowedRows,
  signal: AbortSignal,
): Promise<ResidualMoments> {
  const moments = new ResidualMoments(rows.store.width);
  await rows.forEachPart(signal, (first, count) => {
    const outputs = network.reconstruct(first, count);
    const targets = network.rows.subarray(network.order[first]! * network.stride);
    moments.add(targets, outputs, network.stride, count);
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
