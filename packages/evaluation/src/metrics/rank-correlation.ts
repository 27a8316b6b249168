import type { Scores } from './scores.ts';

/**
 * Spearman's rank correlation of two scores of the same rows, ties by mid-rank: 1 when both order the rows alike.
 * Null for fewer than two rows or a score that never varies.
 */
export function rankCorrelation(a: Scores, b: Scores): number | null {
  if (a.length !== b.length) throw new RangeError(`${a.length} scores beside ${b.length}`);
  if (a.length < 2) return null;
  const x = midRanks(a);
  const y = midRanks(b);
  const mean = (a.length + 1) / 2;
  let xy = 0;
  let xx = 0;
  let yy = 0;
  for (let i = 0; i < x.length; i++) {
    const dx = x[i]! - mean;
    const dy = y[i]! - mean;
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xx === 0 || yy === 0 ? null : xy / Math.sqrt(xx * yy);
}

/** Ranks 1..n; equal scores share the mean of their ranks. */
function midRanks(scores: Scores): Float64Array {
  const order = Uint32Array.from(scores, (_, i) => i).sort((i, j) => scores[i]! - scores[j]!);
  const ranks = new Float64Array(scores.length);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && scores[order[to]!] === scores[order[from]!]) to++;
    for (let k = from; k < to; k++) ranks[order[k]!] = (from + to + 1) / 2;
    from = to;
  }
  return ranks;
}
