// @ts-check

/**
 * @typedef {object} NumberSummary
 * @property {number} missing share of the rows that are NaN or infinite
 * @property {number} zeros share of the rows
 * @property {number} distinct values
 * @property {number} mean NaN, as the next, when everything is missing
 * @property {number} deviation
 * @property {number[]} quantiles at {@link QUANTILES}; empty when everything is missing
 * @property {number[]} histogram rows between equally spaced edges from the 1 % to the 99 % quantile, what lies beyond in the outer ones
 */

/** Smallest value, 1 %, quartiles, 99 %, largest value. */
export const QUANTILES = [0, 0.01, 0.25, 0.5, 0.75, 0.99, 1];

const BARS = 24;

/**
 * @param {Float64Array} values NaN where missing
 * @returns {NumberSummary}
 */
export function summariseNumbers(values) {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const count = sorted.length;
  let mean = Number.NaN;
  let squares = 0;
  let zeros = 0;
  let distinct = 0;
  for (const [i, value] of sorted.entries()) {
    const step = value - (i === 0 ? 0 : mean);
    mean = i === 0 ? value : mean + step / (i + 1);
    if (i > 0) squares += step * (value - mean);
    if (value === 0) zeros++;
    if (i === 0 || value !== sorted[i - 1]) distinct++;
  }
  return {
    missing: (values.length - count) / values.length,
    zeros: zeros / values.length,
    distinct,
    mean,
    deviation: count === 0 ? Number.NaN : Math.sqrt(squares / count),
    quantiles: count === 0 ? [] : QUANTILES.map((share) => quantileOf(sorted, share)),
    histogram: count === 0 ? [] : histogramOf(sorted),
  };
}

/**
 * The smallest value that at least this share of the values does not exceed (Hyndman and Fan 1996, definition 1).
 *
 * @param {Float64Array} sorted not empty
 * @param {number} share
 */
export function quantileOf(sorted, share) {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** @param {Float64Array} sorted */
function histogramOf(sorted) {
  const low = quantileOf(sorted, 0.01);
  const width = (quantileOf(sorted, 0.99) - low) / BARS;
  const bars = Array.from({ length: BARS }, () => 0);
  for (const value of sorted) {
    const bar = width > 0 ? Math.floor((value - low) / width) : 0;
    bars[Math.max(0, Math.min(BARS - 1, bar))]++;
  }
  return bars;
}

/**
 * @typedef {object} TextSummary
 * @property {number} missing share of the rows that are empty
 * @property {number} distinct values that are not empty
 * @property {{ value: string, share: number }[]} top the most frequent values, most frequent first
 */

const TOP = 6;

/**
 * @param {readonly string[]} values
 * @returns {TextSummary}
 */
export function summariseTexts(values) {
  const counts = countTexts(values);
  const missing = counts.get('') ?? 0;
  counts.delete('');
  const top = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, TOP);
  return {
    missing: missing / values.length,
    distinct: counts.size,
    top: top.map(([value, count]) => ({ value, share: count / values.length })),
  };
}

/** @param {readonly string[]} values */
export function countTexts(values) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
