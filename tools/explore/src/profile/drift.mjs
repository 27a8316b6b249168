// @ts-check
import { countTexts, quantileOf } from './statistics.mjs';

/** @typedef {import('../sample.mjs').SampleColumn} SampleColumn */

const DECILES = 10;

/** Most frequent texts of the reference that are a bin of their own. */
const TEXTS = 30;

/**
 * Population stability index between a column of a reference and the same column elsewhere: the sum over bins of
 * (q - p) ln(q / p), the symmetric Kullback–Leibler divergence of the binned values. Bins are the reference's deciles or most
 * frequent texts, below and above its range (or other texts), and missing values; half a row is added to each. A rule of thumb:
 * above 0.1 look, above 0.25 the data are others.
 *
 * @param {SampleColumn} reference
 * @param {SampleColumn} other
 * @returns {number} undefined (NaN) when one is text and the other is not
 */
export function stabilityIndex(reference, other) {
  if ('texts' in reference !== 'texts' in other) return Number.NaN;
  const binOf = 'texts' in reference ? textBins(reference.texts) : numberBins(reference.numbers);
  const expected = count(reference, binOf);
  const actual = count(other, binOf);
  const bins = new Set([...expected.keys(), ...actual.keys()]);
  const [before, after] = [rowsOf(reference) + bins.size / 2, rowsOf(other) + bins.size / 2];
  let index = 0;
  for (const bin of bins) {
    const p = ((expected.get(bin) ?? 0) + 0.5) / before;
    const q = ((actual.get(bin) ?? 0) + 0.5) / after;
    index += (q - p) * Math.log(q / p);
  }
  return index;
}

/** @param {SampleColumn} column */
function rowsOf(column) {
  return 'texts' in column ? column.texts.length : column.numbers.length;
}

/**
 * @param {SampleColumn} column
 * @param {(value: never) => number} binOf
 */
function count(column, binOf) {
  /** @type {Map<number, number>} */
  const counts = new Map();
  for (const value of 'texts' in column ? column.texts : column.numbers) {
    const bin = binOf(/** @type {never} */ (value));
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  return counts;
}

/**
 * @param {Float64Array} reference
 * @returns {(value: number) => number}
 */
function numberBins(reference) {
  const sorted = reference.filter((value) => !Number.isNaN(value)).sort();
  if (sorted.length === 0) return (value) => (Number.isNaN(value) ? -1 : 0);
  const smallest = sorted[0];
  const edges = new Set();
  for (let i = 1; i <= DECILES; i++) edges.add(quantileOf(sorted, i / DECILES));
  const uppers = Float64Array.from(edges);
  return (value) => {
    if (Number.isNaN(value)) return -1;
    if (value < smallest) return -2;
    let bin = 0;
    while (bin < uppers.length && value > uppers[bin]) bin++;
    return bin;
  };
}

/**
 * @param {readonly string[]} reference
 * @returns {(value: string) => number}
 */
function textBins(reference) {
  const frequent = [...countTexts(reference)].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, TEXTS);
  const bins = new Map(frequent.map(([value], bin) => [value, bin]));
  return (value) => bins.get(value) ?? TEXTS;
}
