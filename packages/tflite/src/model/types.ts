import type { OperatorName, OperatorOptions } from './operator-options.ts';
import type { TensorType } from './tensor-types.ts';

/** real = scale * (quantised - zeroPoint), per tensor (one scale) or per slice along `quantizedDimension`. */
export interface Quantization {
  readonly scale: readonly number[];
  readonly zeroPoint: readonly number[];
  readonly quantizedDimension: number;
  /** Ranges that a converter recorded; no engine reads them. */
  readonly min?: readonly number[];
  readonly max?: readonly number[];
}

export interface Tensor {
  readonly name: string;
  /** Row-major shape. A dimension that may change is 1 here and -1 in `shapeSignature`. */
  readonly shape: readonly number[];
  readonly shapeSignature?: readonly number[];
  readonly type: TensorType;
  /** Index into `Model.buffers`. 0 is the empty buffer: the tensor is computed, not constant. */
  readonly buffer: number;
  readonly quantization?: Quantization;
  readonly isVariable: boolean;
}

interface OperatorOf<Name extends OperatorName> {
  readonly op: Name;
  readonly version: number;
  /** Tensor indices; -1 is an optional input that is left out. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options: OperatorOptions[Name];
}

/** One operator of a graph, with the options of its kind. `op` tells the kinds apart. */
export type Operator = { readonly [Name in OperatorName]: OperatorOf<Name> }[OperatorName];

export interface Subgraph {
  readonly name: string;
  readonly tensors: readonly Tensor[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** In execution order: no operator reads what a later one writes. */
  readonly operators: readonly Operator[];
}

/** The name by which a signature's caller knows a tensor. */
export interface SignatureEntry {
  readonly name: string;
  readonly tensor: number;
}

export interface Signature {
  readonly key: string;
  readonly subgraph: number;
  readonly inputs: readonly SignatureEntry[];
  readonly outputs: readonly SignatureEntry[];
}

export interface MetadataEntry {
  readonly name: string;
  readonly buffer: number;
}

/**
 * A TensorFlow Lite model in memory. Treat it, and the bytes of its buffers, as immutable: the tools of this package
 * return changed copies and share what did not change.
 */
export interface Model {
  readonly description: string;
  readonly subgraphs: readonly Subgraph[];
  /** Buffer 0 is always empty. */
  readonly buffers: readonly Uint8Array[];
  readonly signatures: readonly Signature[];
  readonly metadata: readonly MetadataEntry[];
}

/** The number of elements of a shape. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const dimension of shape) count *= dimension;
  return count;
}
