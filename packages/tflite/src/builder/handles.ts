import type { TensorType } from '../model/tensor-types.ts';
import type { Quantization } from '../model/types.ts';

/** A tensor of the graph under construction. Only the builder that made it takes it. */
export interface TensorHandle {
  readonly index: number;
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: TensorType;
  readonly quantization?: Quantization;
}

/** One scale and zero point: real = scale * (quantised - zeroPoint). */
export interface Affine {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** Constant data by element type. */
export type ConstantData = Float32Array | Int32Array | Int8Array | Uint8Array | Uint16Array | BigInt64Array;

export interface ConstantOptions {
  /** Default: by the kind of the array (Uint16Array is float16). */
  readonly type?: TensorType;
  readonly quantization?: Quantization;
}

/** Type and quantisation of a result, where they are not those of the first input. */
export interface NewTensor {
  readonly type?: TensorType;
  readonly quantization?: Quantization | undefined;
}

/** Quantisation of a whole tensor. */
export function perTensor(affine: Affine): Quantization {
  return { scale: [Math.fround(affine.scale)], zeroPoint: [affine.zeroPoint], quantizedDimension: 0 };
}

/** The element type that a kind of array stands for. */
export function typeOf(data: ConstantData): TensorType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Int32Array) return 'int32';
  if (data instanceof Int8Array) return 'int8';
  if (data instanceof Uint8Array) return 'uint8';
  if (data instanceof Uint16Array) return 'float16';
  return 'int64';
}
