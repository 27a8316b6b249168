import { int8Range, roundHalfAwayFromZero } from './fixed-point.ts';
import {
  float32,
  floatRange,
  int8,
  numbers,
  options,
  scaleOf,
  slot,
  zeroPointOf,
  type Kernel,
  type KernelContext,
} from './kernel.ts';
import { WeightMatrix } from './matrix.ts';
import { requantizer } from './requantize.ts';

/** FULLY_CONNECTED in float, int8, and float with int8 weights. */
export function fullyConnected(context: KernelContext): Kernel {
  if (slot(context, 1).type === 'float32') return fullyConnectedFloat(context);
  return slot(context, 0).type === 'int8' ? fullyConnectedInt8(context) : fullyConnectedHybrid(context);
}

/** The weights of the operator, and how to load them anew on each run where they are computed and not constant. */
function weightMatrix(context: KernelContext, withBias = true): { matrix: WeightMatrix; refresh: Kernel | undefined } {
  const weights = slot(context, 1);
  const bias = withBias ? context.inputs[2] : undefined;
  const [units, width] = weights.shape;
  const matrix = new WeightMatrix(units, width);
  const load = (): void => void matrix.load(numbers(weights), bias === undefined ? undefined : numbers(bias));
  load();
  return { matrix, refresh: weights.constant && bias?.constant !== false ? undefined : load };
}

/** Sums are taken in double precision and rounded to float32 once: closer to exact than any order of float32 additions. */
function fullyConnectedFloat(context: KernelContext): Kernel {
  const x = float32(slot(context, 0));
  const [units, width] = slot(context, 1).shape;
  const { matrix, refresh } = weightMatrix(context);
  const y = float32(context.outputs[0]);
  const [low, high] = floatRange(options(context, 'FULLY_CONNECTED').activation);
  const rows = y.length / units;
  const row = new Float64Array(width);
  const sums = new Float64Array(units);
  return () => {
    refresh?.();
    for (let r = 0; r < rows; r++) {
      for (let i = 0; i < width; i++) row[i] = x[r * width + i];
      matrix.multiply(row, sums);
      for (let unit = 0; unit < units; unit++) {
        const sum = sums[unit];
        y[r * units + unit] = sum < low ? low : sum > high ? high : sum;
      }
    }
  };
}

/** Sum of (x - zero point) * weight in int32, plus bias, brought to the output's scale. */
function fullyConnectedInt8(context: KernelContext): Kernel {
  const input = slot(context, 0);
  const [output] = context.outputs;
  const x = int8(input);
  const [units, width] = slot(context, 1).shape;
  const { matrix, refresh } = weightMatrix(context);
  const y = int8(output);
  const inputZero = zeroPointOf(input);
  const [low, high] = int8Range(options(context, 'FULLY_CONNECTED').activation, scaleOf(output), zeroPointOf(output));
  // The runtime multiplies the two scales in float32 and divides in double precision.
  const scale = Math.fround(scaleOf(input) * scaleOf(slot(context, 1))) / scaleOf(output);
  const finish = requantizer(context.rounding, scale, zeroPointOf(output), low, high);
  const rows = y.length / units;
  const row = new Float64Array(width);
  const sums = new Float64Array(units);
  return () => {
    refresh?.();
    for (let r = 0; r < rows; r++) {
      for (let i = 0; i < width; i++) row[i] = x[r * width + i] - inputZero;
      matrix.multiply(row, sums);
      for (let unit = 0; unit < units; unit++) y[r * units + unit] = finish(sums[unit] | 0);
    }
  };
}

/**
 * Dynamic range: each row of the float input is quantised symmetrically to int8 by its own largest magnitude, multiplied
 * in integers, and scaled back.
 */
function fullyConnectedHybrid(context: KernelContext): Kernel {
  const x = float32(slot(context, 0));
  const weightScale = scaleOf(slot(context, 1));
  const [units, width] = slot(context, 1).shape;
  const { matrix, refresh } = weightMatrix(context, false);
  const bias = context.inputs[2] === undefined ? new Float32Array(units) : float32(context.inputs[2]);
  const y = float32(context.outputs[0]);
  const [low, high] = floatRange(options(context, 'FULLY_CONNECTED').activation);
  const rows = y.length / units;
  const row = new Float64Array(width);
  const sums = new Float64Array(units);
  return () => {
    refresh?.();
    for (let r = 0; r < rows; r++) {
      const start = r * width;
      let largest = 0;
      for (let i = 0; i < width; i++) largest = Math.max(largest, Math.abs(x[start + i]));
      const scale = Math.fround(largest / 127);
      const inverse = largest === 0 ? 0 : Math.fround(127 / largest);
      for (let i = 0; i < width; i++) {
        const q = roundHalfAwayFromZero(Math.fround(x[start + i] * inverse));
        row[i] = q < -127 ? -127 : q > 127 ? 127 : q;
      }
      matrix.multiply(row, sums);
      const rescale = Math.fround(scale * weightScale);
      for (let unit = 0; unit < units; unit++) {
        const value = Math.fround(sums[unit] * rescale) + bias[unit];
        y[r * units + unit] = value < low ? low : value > high ? high : value;
      }
    }
  };
}
