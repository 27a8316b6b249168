import type { PValueTableDocument } from '@edgeguard/contracts';

/**
 * The largest distance between the distribution of some scores and that of calibration, 0..1 (Kolmogorov and Smirnov), at
 * the scores that the p-value table lists: how far the p-values of normal rows are from uniform.
 */
export function scoreDistance({ rows, scores, atLeast }: PValueTableDocument, values: ArrayLike<number>): number {
  const sorted = Float32Array.from(values).sort();
  let largest = 0;
  let above = 0;
  for (let i = 0; i < scores.length; i++) {
    while (above < sorted.length && sorted[sorted.length - 1 - above]! >= scores[i]!) above++;
    largest = Math.max(largest, Math.abs(above / sorted.length - atLeast[i]! / rows));
  }
  return largest;
}
