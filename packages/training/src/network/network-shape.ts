import type { LossKind } from '../wasm/vector-kernels.ts';

export type Activation = 'relu' | 'tanh' | 'elu';

/** What a `DenseNetwork` is made for. */
export interface NetworkShape {
  /** From input to output; equal at both ends. */
  readonly widths: readonly number[];
  /** Of the hidden layers; the output is linear. */
  readonly activation: Activation;
  readonly loss: Loss;
  /** Rows that `rows` holds. */
  readonly capacity: number;
  /** Random numbers that `noise` and `mask` hold; 0 without corruption. */
  readonly tableSize: number;
  /** Random factors that each of `dropout` holds; 0 or absent without dropout. */
  readonly dropoutSize?: number;
  /** The group of each unit, for each of the widths: weights between groups are zero and stay so. */
  readonly groups?: readonly Uint32Array[];
  /** Rows of a whole batch, where hidden layers are normalised by its statistics. */
  readonly normalisedRows?: number;
}

/** How far a reconstruction is from its target. */
export type Loss = LossKind | 'log-cosh';

/**
 * Rows that pass through all layers at once: their activations then stay in the second-level cache. Gradients of the
 * parts of a batch are added up in order.
 */
const PART_ROWS = 128;

/** Rows of a part; with normalisation, whose statistics are those of a batch, a part holds a whole batch. */
export function partRowsOf({ normalisedRows = 0 }: NetworkShape): number {
  return Math.max(PART_ROWS, Math.ceil(normalisedRows / 4) * 4);
}
