import type { PValueTableDocument } from '@edgeguard/contracts';
import { sortedScores } from './sorted-scores.ts';

/** Calibration scores at the upper end whose p-values are exact. */
const EXACT_TAIL = 1000;
/** Below, one score is listed each time the number of scores at or above it has grown by so much. */
const COARSE_STEP = 1.03;

/** How fine a table is. */
export interface TableDetail {
  readonly exact: number;
  readonly step: number;
}

/**
 * The upper tail of calibration scores as a step table for {@link pValue}.
 *
 * Exact for the highest 1000 scores: each distinct score is listed, and beside it the next float32 above it, so that
 * also a score between two of them finds its exact count. Coarser below, where p-values are rounded up.
 *
 * @param scores finite calibration scores, as the float32 values that an engine gives
 * @param detail how many of the highest scores are exact (default 1000), and the growth below (default 1.03)
 */
export function pValueTable(
  scores: Float64Array | Float32Array,
  { exact, step }: TableDetail = { exact: EXACT_TAIL, step: COARSE_STEP },
): PValueTableDocument {
  const sorted = sortedScores(scores);
  const rows = sorted.length;
  if (rows === 0) throw new RangeError('no calibration scores');
  const listed: number[] = [];
  const atLeast: number[] = [];
  let next = 1;
  let above = Number.POSITIVE_INFINITY;
  for (let last = rows - 1; last >= 0;) {
    const score = sorted[last]!;
    let first = last;
    while (first > 0 && sorted[first - 1] === score) first--;
    const countAbove = rows - 1 - last;
    const count = rows - first;
    if (countAbove < exact) {
      const neighbour = nextFloat32(score);
      if (countAbove > 0 && neighbour < above) {
        listed.push(neighbour);
        atLeast.push(countAbove);
      }
    }
    if (countAbove < exact || count >= next || first === 0) {
      listed.push(score);
      atLeast.push(count);
      next = Math.ceil(count * step);
    }
    above = score;
    last = first - 1;
  }
  // The first stays exact, since a score above it has a p-value of its own.
  return { rows, scores: listed.map((score, index) => (index === 0 ? score : shortDecimal(score))), atLeast };
}

/**
 * The conformal p-value of a score: the share of calibration rows, this one counted among them, that score at least as
 * high. Never too small: P(p <= a) <= a for a normal row that is exchangeable with the calibration rows. NaN for NaN.
 */
export function pValue(table: PValueTableDocument, score: number): number {
  if (Number.isNaN(score)) return Number.NaN;
  const { rows, scores, atLeast } = table;
  if (score > scores[0]!) return 1 / (rows + 1);
  // The highest listed score that is not above: the scores descend.
  let low = 0;
  let high = scores.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (scores[middle]! <= score) high = middle;
    else low = middle + 1;
  }
  return (1 + (low < scores.length ? atLeast[low]! : rows)) / (rows + 1);
}

/** A decimal with few digits that no float32 tells apart from a float32 value when it asks whether it is at least as large. */
function shortDecimal(value: number): number {
  for (let digits = 6; digits < 17; digits++) {
    const short = Number(value.toPrecision(digits));
    if (short <= value && Math.fround(short) === value) return short;
  }
  return value;
}

const FLOAT = new Float32Array(1);
const BITS = new Int32Array(FLOAT.buffer);

/** The smallest float32 that is greater than a finite value. */
export function nextFloat32(value: number): number {
  FLOAT[0] = value;
  if (FLOAT[0] > value) return FLOAT[0];
  if (FLOAT[0] === 0) BITS[0] = 1;
  else BITS[0] += FLOAT[0] > 0 ? 1 : -1;
  return FLOAT[0];
}
