import { TfliteError } from '../error.ts';
import type { Affine } from '../builder/handles.ts';

/** How the range of an activation is chosen from the values that it took. */
export type RangeMethod =
  | { readonly kind: 'min-max' }
  /** The range that leaves out `share` of the values on each side, such as 0.0001. */
  | { readonly kind: 'percentile'; readonly share: number }
  /** The range, of those between the bulk and the extremes, with the least mean squared rounding and clipping error. */
  | { readonly kind: 'mse' };

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** A range that was chosen, and what it costs. */
export interface ChosenRange extends Range {
  readonly method: RangeMethod['kind'];
  /** Values that were seen. */
  readonly count: number;
  /** Share of the seen values that lie outside of the range and will saturate (to the width of a histogram bin). */
  readonly clipped: number;
  /** Estimated mean squared error of rounding to int8 and clipping, in squared units of the tensor. */
  readonly meanSquaredError: number;
}

/** Bins of the histogram; even, so that zero is a border between two of them. */
const BINS = 4096;
const STEPS = 255;
/** Ranges that the search for the least squared error tries: shares of the extremes. */
const SEARCH_STEPS = 100;

/**
 * Collects the distribution of a tensor's values in bounded memory: extremes, and a histogram over [-limit, limit] whose
 * limit is a power of two that doubles when a larger value comes. The order of the values does not matter.
 */
export class RangeCollector {
  #min = Infinity;
  #max = -Infinity;
  #count = 0;
  #limit = 2 ** -40;
  #histogram = new Float64Array(BINS);

  get count(): number {
    return this.#count;
  }

  /** Adds values. NaN and infinity are refused with an error: they have no place on an int8 scale. */
  add(values: ArrayLike<number>, from = 0, to = values.length): void {
    for (let i = from; i < to; i++) {
      const value = values[i];
      const magnitude = Math.abs(value);
      if (!(magnitude < Infinity)) throw new TfliteError('calibration', `found ${value} among the values of a tensor`);
      if (magnitude >= this.#limit) this.#grow(magnitude);
      if (value < this.#min) this.#min = value;
      if (value > this.#max) this.#max = value;
      const bin = Math.floor(((value + this.#limit) / (2 * this.#limit)) * BINS);
      this.#histogram[bin < BINS ? bin : BINS - 1]++;
    }
    this.#count += to - from;
  }

  #grow(magnitude: number): void {
    while (magnitude >= this.#limit) {
      // Twice the limit: two bins become one, around the middle.
      const merged = new Float64Array(BINS);
      for (let bin = 0; bin < BINS; bin += 2) {
        merged[BINS / 4 + bin / 2] = this.#histogram[bin] + this.#histogram[bin + 1];
      }
      this.#histogram = merged;
      this.#limit *= 2;
    }
  }

  /** The range by this method. It always holds zero, as int8 scales must. */
  choose(method: RangeMethod): ChosenRange {
    if (this.#count === 0) throw new TfliteError('calibration', 'saw no values');
    const extremes = { min: Math.min(0, this.#min), max: Math.max(0, this.#max) };
    const range = this.#pick(method, extremes);
    const { clipped, error } = this.#cost(range);
    return { ...range, method: method.kind, count: this.#count, clipped, meanSquaredError: error };
  }

  #pick(method: RangeMethod, extremes: Range): Range {
    if (method.kind === 'min-max') return extremes;
    if (method.kind === 'percentile') {
      const share = method.share;
      if (!(share >= 0 && share < 0.5))
        throw new TfliteError('calibration', `percentile share ${share} is not within [0, 0.5)`);
      const min = Math.max(extremes.min, Math.min(0, this.#quantile(share, false)));
      const max = Math.min(extremes.max, Math.max(0, this.#quantile(share, true)));
      return { min, max };
    }
    let best = extremes;
    let least = this.#cost(extremes).error;
    for (let step = 1; step < SEARCH_STEPS; step++) {
      // One factor for both ends keeps the search small; zero stays inside.
      const factor = 1 - step / SEARCH_STEPS;
      const candidate = { min: extremes.min * factor, max: extremes.max * factor };
      const { error } = this.#cost(candidate);
      if (error < least) {
        least = error;
        best = candidate;
      }
    }
    return best;
  }

  /** The border of the bin beyond which `share` of the values lie, above or below. */
  #quantile(share: number, above: boolean): number {
    const target = share * this.#count;
    const width = (2 * this.#limit) / BINS;
    let seen = 0;
    for (let i = 0; i < BINS; i++) {
      const bin = above ? BINS - 1 - i : i;
      seen += this.#histogram[bin];
      if (seen > target) return -this.#limit + (above ? bin + 1 : bin) * width;
    }
    return 0;
  }

  #cost(range: Range): { clipped: number; error: number } {
    const width = (2 * this.#limit) / BINS;
    const step = (range.max - range.min) / STEPS;
    // Rounding is uniform within a step: step^2 / 12 on average.
    const rounding = (step * step) / 12;
    let clipped = 0;
    let squares = 0;
    for (let bin = 0; bin < BINS; bin++) {
      const count = this.#histogram[bin];
      if (count === 0) continue;
      const value = -this.#limit + (bin + 0.5) * width;
      const beyond = Math.max(range.min - value, value - range.max, 0);
      // The middle of a bin may lie beyond an end that lies within the same bin.
      if (beyond > width / 2) {
        clipped += count;
        squares += count * beyond * beyond;
      } else squares += count * rounding;
    }
    return { clipped: clipped / this.#count, error: squares / this.#count };
  }
}

/** The int8 scale and zero point of a range: 255 steps, zero exactly on one of them. */
export function affineOfRange(range: Range): Affine {
  const min = Math.min(0, range.min);
  const max = Math.max(0, range.max);
  if (min === 0 && max === 0) return { scale: 1, zeroPoint: 0 };
  const scale = Math.fround((max - min) / STEPS);
  if (scale === 0) return { scale: 2 ** -126, zeroPoint: 0 };
  const zeroPoint = Math.min(127, Math.max(-128, Math.round(-128 - min / scale)));
  return { scale, zeroPoint };
}
