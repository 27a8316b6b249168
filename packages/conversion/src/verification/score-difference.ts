/** Scores below this share of the median score are compared as if they were this large. */
const SCORE_FLOOR = 0.1;

/** The largest difference found, and where. */
export interface WorstDifference {
  readonly value: number;
  readonly row: number;
  readonly column: number;
}

/**
 * The size that a difference of scores is measured against: the score itself, or a tenth of the median score where that
 * is larger. A relative limit of 1e-5 so has an absolute floor of 1e-6 of the median.
 */
export function scoreScale(score: number, median: number): number {
  return Math.max(Math.abs(score), SCORE_FLOOR * median, Number.MIN_VALUE);
}

/**
 * The largest |found - wanted| of rows of `width` values, relative to each row's scale. A value that is not finite counts
 * as an infinite difference.
 */
export function worstDifference(
  found: Float32Array,
  wanted: Float32Array,
  rows: number,
  width: number,
  scaleOf: (row: number, column: number) => number,
): WorstDifference {
  let worst: WorstDifference = { value: 0, row: -1, column: -1 };
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++) {
      const at = row * width + column;
      const difference = Math.abs(found[at]! - wanted[at]!) / scaleOf(row, column);
      const value = Number.isFinite(found[at]) && !Number.isNaN(difference) ? difference : Number.POSITIVE_INFINITY;
      if (value > worst.value) worst = { value, row, column };
    }
  }
  return worst;
}

/** The middle of some values; 0 where there are none. */
export function median(values: ArrayLike<number>): number {
  if (values.length === 0) return 0;
  const sorted = Float64Array.from(values).sort();
  return sorted[sorted.length >> 1]!;
}
