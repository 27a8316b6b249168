import { affineOfRange, type ChainCalibration } from '@edgeguard/tflite/quantize';

type Range = ChainCalibration['input'];

/** Ranges that are tried: the range itself, and wider ones by one part in a thousand each. */
const CANDIDATES = 40;
const WIDER = 0.001;

/** A value nearer than this to the border between two steps, in steps, may be rounded either way. */
const BORDER = 1e-3;

/**
 * A range, hardly wider than the one given, in which few values lie on the border between two int8 steps. Such a value is
 * rounded by the last bit of what comes before, which engines compute differently; and some values are very frequent: the
 * 1 of a one-hot block lies exactly on a border when the range is 10, the usual one.
 */
export function rangeWithoutBorders(range: Range, values: Float32Array): Range {
  let best = range;
  let fewest = Number.POSITIVE_INFINITY;
  for (let candidate = 0; candidate < CANDIDATES && fewest > 0; candidate++) {
    const factor = 1 + candidate * WIDER;
    const wider = { ...range, min: range.min * factor, max: range.max * factor };
    const found = valuesOnBorders(affineOfRange(wider).scale, values);
    if (found < fewest) {
      fewest = found;
      best = wider;
    }
  }
  return best;
}

function valuesOnBorders(scale: number, values: Float32Array): number {
  let found = 0;
  for (let i = 0; i < values.length; i++) {
    const steps = values[i]! / scale;
    if (Math.abs(steps - Math.floor(steps) - 0.5) < BORDER) found++;
  }
  return found;
}
