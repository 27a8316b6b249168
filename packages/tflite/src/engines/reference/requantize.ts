import { fixedMultiplier, multiplyByFixed } from './fixed-point.ts';

/**
 * How int8 kernels bring an int32 sum to the scale of their output.
 * - `float`: sum as float32 times the scale as float32, rounded to nearest with halves to even. XNNPACK computes so on
 *   every processor, and with it the native and wasm engines.
 * - `fixed`: the fixed-point arithmetic of gemmlowp, as TensorFlow Lite's own kernels and microcontrollers compute.
 */
export type Int8Rounding = 'float' | 'fixed';

/** Rounds to the nearest integer, halves to even. Exact for magnitudes below 2^31. */
export function roundHalfToEven(x: number): number {
  // Adding 1.5 * 2^52 leaves a double no room for fractions; its own rounding does the work.
  return x + 6_755_399_441_055_744 - 6_755_399_441_055_744;
}

/** A function from an int32 sum to an int8 value within `[low, high]`. */
export function requantizer(
  rounding: Int8Rounding,
  scale: number,
  zeroPoint: number,
  low: number,
  high: number,
): (sum: number) => number {
  if (rounding === 'float') {
    const factor = Math.fround(scale);
    return (sum) => {
      const q = roundHalfToEven(Math.fround(Math.fround(sum) * factor)) + zeroPoint;
      return q < low ? low : q > high ? high : q;
    };
  }
  const multiplier = fixedMultiplier(scale);
  return (sum) => {
    const q = multiplyByFixed(sum, multiplier) + zeroPoint;
    return q < low ? low : q > high ? high : q;
  };
}
