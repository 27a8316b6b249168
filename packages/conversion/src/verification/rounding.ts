import { penaltySlope, type ScorerDocument } from '@edgeguard/contracts';
import type { PlainResult } from '../source/plain-detector.ts';

/**
 * How much a score moves, at most and to first order, when every reconstructed value moves by a share of itself:
 * sum over j of |d score / d reconstruction_j| * |reconstruction_j|, for each row.
 *
 * A float32 engine rounds reconstructions to about 1e-7 of themselves, in an order of its own. Where the autoencoder is so
 * good that residuals are a hundredth of the values that they are the difference of, and whitening makes them large
 * again, that rounding is the score's own uncertainty, whatever computes it.
 */
export function scoreLeverage(scorer: ScorerDocument, result: PlainResult): Float64Array {
  const width = scorer.mean.length;
  const whitening = Float64Array.from(scorer.whitening);
  const rows = result.score.length;
  const leverage = new Float64Array(rows);
  const centred = new Float64Array(width);
  const gradient = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    const at = row * width;
    for (let i = 0; i < width; i++)
      centred[i] = result.inputs[at + i]! - result.reconstruction[at + i]! - scorer.mean[i]!;
    gradient.fill(0);
    for (let j = 0; j < width; j++) {
      let z = 0;
      for (let i = 0; i < width; i++) z += whitening[j * width + i]! * centred[i]!;
      const slope = penaltySlope(scorer.penalty, z) / width;
      for (let i = 0; i < width; i++) gradient[i]! += slope * whitening[j * width + i]!;
    }
    for (let i = 0; i < width; i++) leverage[row]! += Math.abs(gradient[i]! * result.reconstruction[at + i]!);
  }
  return leverage;
}
