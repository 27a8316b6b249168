import { TfliteError } from '../../error.ts';
import type { FusedActivation, OperatorName, OperatorOptions } from '../../model/operator-options.ts';
import type { TensorData, TensorType } from '../../model/tensor-types.ts';
import type { Operator, Quantization } from '../../model/types.ts';
import type { Int8Rounding } from './requantize.ts';

/** A tensor of a planned graph: its shape at the current batch and the memory that holds it. */
export interface Slot {
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly number[];
  readonly data: TensorData;
  readonly quantization?: Quantization;
  /** Whether the values are known before the first run and never change. */
  readonly constant: boolean;
}

/** What a kernel is made from. Everything is known before the first run, so that runs only loop over numbers. */
export interface KernelContext {
  readonly operator: Operator;
  readonly inputs: readonly (Slot | undefined)[];
  readonly outputs: readonly Slot[];
  readonly rounding: Int8Rounding;
}

/** Computes one operator on the memory that it was made for. */
export type Kernel = () => void;

/** The input slot; validation has made sure that it is there. */
export function slot(context: KernelContext, index: number): Slot {
  const found = context.inputs[index];
  if (found === undefined) throw new TfliteError(context.operator.op, `input ${index} is missing`);
  return found;
}

export function float32(of: Slot): Float32Array {
  if (of.data instanceof Float32Array) return of.data;
  throw new TfliteError(`tensor ${of.name}`, `is ${of.type}, the kernel needs float32`);
}

export function int8(of: Slot): Int8Array {
  if (of.data instanceof Int8Array) return of.data;
  throw new TfliteError(`tensor ${of.name}`, `is ${of.type}, the kernel needs int8`);
}

/** Numeric data without 64-bit types. */
export function numbers(of: Slot): Exclude<TensorData, BigInt64Array | BigUint64Array> {
  if (of.data instanceof BigInt64Array || of.data instanceof BigUint64Array) {
    throw new TfliteError(`tensor ${of.name}`, `is ${of.type}, which the kernel does not take`);
  }
  return of.data;
}

/** Constant integers, such as axes and shapes. */
export function integers(of: Slot): number[] {
  return Array.from<bigint | number, number>(of.data as Int32Array, Number);
}

export function scaleOf(of: Slot): number {
  return of.quantization?.scale[0] ?? 1;
}

export function zeroPointOf(of: Slot): number {
  return of.quantization?.zeroPoint[0] ?? 0;
}

/** The options of the operator in hand, which must be a `_name` or share its options. */
export function options<Name extends OperatorName>(context: KernelContext, _name: Name): OperatorOptions[Name] {
  return context.operator.options as unknown as OperatorOptions[Name];
}

/** Limits that a fused activation puts on a float output. */
export function floatRange(activation: FusedActivation): readonly [number, number] {
  switch (activation) {
    case 'relu':
      return [0, Infinity];
    case 'relu6':
      return [0, 6];
    case 'relu_n1_to_1':
      return [-1, 1];
    default:
      return [-Infinity, Infinity];
  }
}

/** Distances between neighbours along each dimension, in elements, of a row-major tensor. */
export function strides(shape: readonly number[]): number[] {
  const result: number[] = Array.from({ length: shape.length }, () => 1);
  for (let d = shape.length - 2; d >= 0; d--) result[d] = result[d + 1] * shape[d + 1];
  return result;
}
