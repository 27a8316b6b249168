import type { Affine } from '../builder/handles.ts';
import { TfliteError } from '../error.ts';

/** Activations of a dense layer. `leaky_relu` has its slope beside it. */
export type DenseActivation = 'none' | 'relu' | 'relu6' | 'relu_n1_to_1' | 'tanh' | 'logistic' | 'elu' | 'leaky_relu';

/** A dense layer in float: y = activation(weights · x + bias). */
export interface DenseLayer {
  readonly name: string;
  readonly width: number;
  readonly units: number;
  /** [units, width], row-major. */
  readonly weights: Float32Array;
  readonly bias: Float32Array | null;
  readonly activation: DenseActivation;
  /** Slope below zero of `leaky_relu`. */
  readonly alpha?: number;
  /** The weights as int8, where they were rounded already; `weights` is what they stand for. */
  readonly int8Weights?: QuantizedWeights;
}

/** Weights as int8 with one scale and zero point 0, and how well they fit. */
export interface QuantizedWeights {
  readonly values: Int8Array;
  readonly scale: number;
}

/** Bias in steps of input scale times weight scale. */
export interface QuantizedBias {
  readonly values: Int32Array;
  /** Values that did not fit into int32 and were set to its limit. */
  readonly saturated: number;
}

/** Symmetric int8 over [-127, 127]: -128 is left out, so that products cannot overflow and the range is balanced. */
export function quantizeWeights(weights: Float32Array): QuantizedWeights {
  let largest = 0;
  for (const weight of weights) {
    if (!Number.isFinite(weight)) throw new TfliteError('weights', `hold ${weight}`);
    largest = Math.max(largest, Math.abs(weight));
  }
  const scale = largest === 0 ? 1 : Math.max(Math.fround(largest / 127), 2 ** -126);
  const values = Int8Array.from(weights, (weight) => Math.min(127, Math.max(-127, Math.round(weight / scale))));
  return { values, scale };
}

/** The bias of a layer whose input and weights have these scales. */
export function quantizeBias(bias: Float32Array, inputScale: number, weightScale: number): QuantizedBias {
  const scale = Math.fround(inputScale * weightScale);
  let saturated = 0;
  const values = Int32Array.from(bias, (value) => {
    const q = Math.round(value / scale);
    const kept = Math.min(2 ** 31 - 1, Math.max(-(2 ** 31), q));
    if (kept !== q) saturated++;
    return kept;
  });
  return { values, saturated };
}

/** The int8 values of real ones, rounded half away from zero as QUANTIZE does, and how many did not fit. */
export function quantizeValues(values: ArrayLike<number>, affine: Affine): { values: Int8Array; saturated: number } {
  const result = new Int8Array(values.length);
  let saturated = 0;
  for (let i = 0; i < values.length; i++) {
    const scaled = values[i] / affine.scale;
    const q = (scaled < 0 ? -Math.floor(-scaled + 0.5) : Math.floor(scaled + 0.5)) + affine.zeroPoint;
    if (q < -128 || q > 127) saturated++;
    result[i] = Math.min(127, Math.max(-128, q));
  }
  return { values: result, saturated };
}
