/** Scores of some rows. Higher is more anomalous. */
export type Scores = Float32Array | Float64Array;

/**
 * An ascending copy of some scores.
 *
 * @throws RangeError for NaN or infinity: such a row has no rank, and a metric over it would be an arbitrary number
 */
export function sortScores<S extends Scores>(scores: S): S {
  for (let i = 0; i < scores.length; i++) {
    if (!Number.isFinite(scores[i]!)) throw new RangeError(`score ${i} is ${scores[i]!}`);
  }
  return scores.slice().sort() as S;
}

/** How many of some ascending scores are strictly above a threshold: the rule by which a row raises an alert. */
export function countAbove(sorted: Scores, threshold: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! > threshold) high = middle;
    else low = middle + 1;
  }
  return sorted.length - low;
}

/** The value below which a share of some ascending scores lies: the nearest rank, so always a score that occurred. */
export function quantile(sorted: Scores, share: number): number {
  if (sorted.length === 0) throw new RangeError('no scores');
  const rank = Math.ceil(share * sorted.length);
  return sorted[Math.min(sorted.length - 1, Math.max(0, rank - 1))]!;
}
