import type { DetectorDocument } from '@edgeguard/contracts';
import { possibleValues } from './possible-values.ts';

/** What scores rows: a detector. */
export interface RowScorer {
  readonly document: DetectorDocument;
  score(rows: Float32Array, count: number, scores: Float32Array): void;
}

/**
 * What a score falls by when one feature alone is set to what the model expects (see {@link possibleValues}) and the row is scored again; negative
 * where it would rise. A share of the score says where the residual lies; this says whose value it is due to: an odd value
 * bends the reconstruction of others, which takes shares away from it, and a category that is as expected leaves a residual
 * that nothing takes back. Occlusion after Zeiler and Fergus (2014), with the reconstruction in the place of a grey patch.
 *
 * @param row      raw values [F]
 * @param expected the detector's output `expected` for it [F]
 * @returns one drop per feature [F], in units of the score
 */
export function scoreDrops(scorer: RowScorer, row: Float32Array, expected: Float32Array): Float32Array {
  const width = row.length;
  const values = possibleValues(scorer.document, row, expected);
  // The row itself comes last, so that all go through the engine alike.
  const rows = new Float32Array((width + 1) * width);
  for (let f = 0; f <= width; f++) rows.set(row, f * width);
  for (let f = 0; f < width; f++) rows[f * width + f] = values[f]!;
  const scores = new Float32Array(width + 1);
  scorer.score(rows, width + 1, scores);
  const whole = scores[width]!;
  return scores.subarray(0, width).map((score, f) => (row[f] === values[f] ? 0 : whole - score));
}

/** Features in the order in which they explain a row: by their drops, and where there is none by their shares. */
export function byDrop(drops: ArrayLike<number>, featureErrors: ArrayLike<number>): number[] {
  return Array.from({ length: drops.length }, (_, f) => f).sort(
    (a, b) => Math.max(0, drops[b]!) - Math.max(0, drops[a]!) || featureErrors[b]! - featureErrors[a]! || a - b,
  );
}
