import type { TransformConfig } from '@edgeguard/contracts';

/** The constants of one feature in every operation of a transform. */
export interface FeatureScaling {
  readonly clipLow: number;
  readonly clipHigh: number;
  readonly rate: number;
  readonly multiply: number;
  readonly add: number;
  readonly saturateLow: number;
  readonly saturateHigh: number;
  /** Values of a category; 0 for a number. */
  readonly categories: number;
}

/** Train rows of one feature on the scale that is standardised. */
export interface ScaleMoments {
  readonly mean: number;
  readonly deviation: number;
  readonly min: number;
  readonly max: number;
}

/** Raw values are cut this many standard deviations from the mean: no row can spend more evidence on one feature. */
const CLIP_DEVIATIONS = 25;

/** Largest magnitude of a raw bound: products with any sensible rate stay finite in float32. */
const LARGEST = 1e30;

/** Smallest value on the logarithmic scale, log(1/16): the logarithm's argument stays well above zero. */
const LOWEST_LOG = Math.log(1 / 16);

/** A deviation below this share of the largest magnitude is rounding noise of float32. */
const ROUNDING = 1e-5;

/**
 * Scaling of a number to mean 0 and deviation 1 on train rows, after log1p(x * rate) where rate > 0.
 *
 * @param moments of the values on that scale
 */
export function scaleNumber(rate: number, moments: ScaleMoments, config: TransformConfig): FeatureScaling {
  const deviation = floorDeviation(moments, config.deviationFloor);
  const multiply = Math.fround(1 / deviation);
  const low = moments.mean - CLIP_DEVIATIONS * deviation;
  const high = moments.mean + CLIP_DEVIATIONS * deviation;
  return {
    clipLow: rate > 0 ? Math.expm1(Math.max(low, LOWEST_LOG)) / rate : Math.max(low, -LARGEST),
    clipHigh: Math.min(rate > 0 ? Math.expm1(high) / rate : high, LARGEST / Math.max(1, rate)),
    rate,
    multiply,
    add: -moments.mean * multiply,
    saturateLow: -config.clipSigma,
    saturateHigh: config.clipSigma,
    categories: 0,
  };
}

/** A category passes through as its code. */
export function scaleCategory(size: number): FeatureScaling {
  return {
    clipLow: 0,
    clipHigh: size,
    rate: 0,
    multiply: 1,
    add: 0,
    saturateLow: 0,
    saturateHigh: size,
    categories: size,
  };
}

/**
 * A constant or nearly constant column would be divided by almost nothing, and then any change in it would drown all
 * else. The floor is in units of the scale; a column whose values are all far below 1 has one in proportion.
 */
function floorDeviation(moments: ScaleMoments, floor: number): number {
  const magnitude = Math.max(Math.abs(moments.min), Math.abs(moments.max));
  const least = magnitude > 0 ? floor * Math.min(1, magnitude) : floor;
  return Math.min(Math.max(moments.deviation, least, ROUNDING * magnitude, 1e-30), LARGEST / CLIP_DEVIATIONS);
}
