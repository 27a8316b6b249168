/** A sorted copy, ascending. Scores that are not finite numbers have no place in a calibration and are a defect of the caller. */
export function sortedScores(scores: Float64Array | Float32Array): Float64Array | Float32Array {
  const sorted = scores.slice().sort();
  // Sorting puts -Infinity first, and Infinity and then NaN last.
  if (sorted.length > 0 && !(Number.isFinite(sorted[0]) && Number.isFinite(sorted.at(-1)))) {
    throw new RangeError('calibration scores must be finite numbers');
  }
  return sorted;
}
