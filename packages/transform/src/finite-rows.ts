/** Number of rows of the row-major matrix [count, width] that hold a NaN or an infinity. */
export function countNonFinite(rows: Float32Array, count: number, width: number): number {
  let found = 0;
  for (let row = 0; row < count; row++) if (!isFiniteRow(rows, row * width, width)) found++;
  return found;
}

/**
 * Writes 1 for every finite row and 0 for a row with a NaN or an infinity.
 *
 * @returns the number of finite rows
 */
export function markFiniteRows(rows: Float32Array, count: number, width: number, mask: Uint8Array): number {
  let finite = 0;
  for (let row = 0; row < count; row++) {
    const good = isFiniteRow(rows, row * width, width) ? 1 : 0;
    mask[row] = good;
    finite += good;
  }
  return finite;
}

/**
 * Moves the finite rows to the front, in order and in place.
 *
 * @returns the number of finite rows; what lies behind them has no meaning
 */
export function keepFiniteRows(rows: Float32Array, count: number, width: number): number {
  let kept = 0;
  for (let row = 0; row < count; row++) {
    if (!isFiniteRow(rows, row * width, width)) continue;
    if (kept !== row) rows.copyWithin(kept * width, row * width, (row + 1) * width);
    kept++;
  }
  return kept;
}

function isFiniteRow(rows: Float32Array, start: number, width: number): boolean {
  // In float64 a sum of float32 values cannot overflow, so it is finite where all of them are: one test per row.
  let sum = 0;
  for (let i = start; i < start + width; i++) sum += Math.abs(rows[i]!);
  return sum < Number.POSITIVE_INFINITY;
}
