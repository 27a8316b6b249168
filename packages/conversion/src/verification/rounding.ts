import { penaltySlope, type ScorerDocument } from '@edgeguard/contracts';
import { DistanceScorer } from '@edgeguard/detection';
import type { PlainResult } from '../source/plain-detector.ts';

/**
 * How much a score moves, at most and to first order, when every reconstructed value moves by a share of itself:
 * sum over j of |d score / d reconstruction_j| * |reconstruction_j|, for each row.
 *
 * A float32 engine rounds reconstructions to about 1e-7 of themselves, in an order of its own. Where the autoencoder is so
 * good that residuals are a hundredth of the values that they are the difference of, and whitening makes them large
 * again, that rounding is the score's own uncertainty, whatever computes it. A distance to normal carries the rounding of the
 * model inputs in the same way.
 */
export function scoreLeverage(scorer: ScorerDocument, result: PlainResult): Float64Array {
  const width = scorer.mean.length;
  const whitening = Float64Array.from(scorer.whitening);
  const rows = result.score.length;
  const residualWeight = scorer.distance?.residualWeight ?? 1;
  const distance = distanceOf(scorer);
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
      const slope = (residualWeight * penaltySlope(scorer.penalty, z)) / width;
      for (let i = 0; i < width; i++) gradient[i]! += slope * whitening[j * width + i]!;
    }
    for (let i = 0; i < width; i++) leverage[row]! += Math.abs(gradient[i]! * result.reconstruction[at + i]!);
    if (!distance) continue;
    const centre = distance.nearest(result.inputs, row);
    for (let i = 0; i < width; i++) {
      leverage[row]! += Math.abs(distance.slope(result.inputs, row, centre, i) * result.inputs[at + i]!);
    }
  }
  return leverage;
}

/**
 * How much farther than the nearest centre the next one is, for each row, in units of the score. Where that is nothing but
 * rounding an engine may take the other centre, with the same score and other shares.
 */
export function centreGaps(scorer: ScorerDocument, { inputs, score }: PlainResult): Float64Array {
  const distance = distanceOf(scorer);
  return Float64Array.from(score, (_, row) => {
    if (!distance) return Number.POSITIVE_INFINITY;
    distance.nearest(inputs, row);
    return distance.gap;
  });
}

function distanceOf({ penalty, distance, mean }: ScorerDocument): DistanceScorer | undefined {
  // Shares of features are not asked for here, so one will do.
  return (
    distance &&
    new DistanceScorer(
      penalty,
      distance,
      mean.map(() => 0),
      1,
    )
  );
}
