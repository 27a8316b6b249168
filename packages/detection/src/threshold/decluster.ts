/**
 * The largest score of each cluster above a level, by the runs method (Coles 2001, section 5.3.2): a cluster ends where
 * nothing has been above the level for `run`. One burst of traffic is one observation of the tail, not a hundred.
 *
 * @param scores    in the order of traffic time
 * @param positions ascending: seconds of traffic time, or row numbers where there is no time
 * @param run       in the unit of `positions`
 */
export function clusterMaxima(
  scores: ArrayLike<number>,
  positions: ArrayLike<number>,
  level: number,
  run: number,
): Float64Array {
  const maxima: number[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row]!;
    if (!(score > level)) continue;
    const position = positions[row]!;
    if (position - last > run) maxima.push(score);
    else maxima[maxima.length - 1] = Math.max(maxima.at(-1)!, score);
    last = position;
  }
  return Float64Array.from(maxima);
}
