import type { Arena } from '../wasm/arena.ts';
import { type NetworkLayout, padded } from './layout.ts';
import { type NetworkShape, partRowsOf } from './network-shape.ts';

/** Addresses in the network's memory. */
export interface Addresses {
  readonly parameters: number;
  readonly gradients: number;
  readonly moments: number;
  /** 1 or 0 for each padded parameter, with groups. */
  readonly connections: number;
  /** Parameters that reconstruct: those of training, unless normalisation is folded into them. */
  readonly folded: number;
  /** Normalised values of each hidden layer, with normalisation. */
  readonly normalised: readonly number[];
  readonly transposed: readonly number[];
  readonly zeros: number;
  readonly clean: number;
  readonly corrupted: number;
  /** Of the input and of each layer's output. */
  readonly activations: number[];
  /** Gradients with respect to each layer's output before its activation. */
  readonly deltas: readonly number[];
  readonly order: number;
  readonly offsets: number;
  readonly noise: number;
  readonly mask: number;
  readonly rows: number;
  /** Random factors of each hidden layer, and its activations multiplied by them. */
  readonly dropout: readonly number[];
  readonly dropped: readonly number[];
}

/** Reserves the memory of a network. */
export function reserveAll(arena: Arena, shape: NetworkShape, layout: NetworkLayout, stride: number): Addresses {
  const widest = Math.max(...shape.widths.map(padded));
  const perLayer = (count: (layer: NetworkLayout['layers'][number]) => number): number[] =>
    layout.layers.map((layer) => arena.reserve(count(layer)));
  const { dropoutSize = 0 } = shape;
  const hidden = layout.layers.slice(0, -1);
  const partRows = partRowsOf(shape);
  const normalises = shape.normalisedRows !== undefined;
  const parameters = arena.reserve(layout.paddedCount);
  return {
    parameters,
    gradients: arena.reserve(layout.paddedCount),
    moments: arena.reserve(2 * layout.paddedCount),
    connections: arena.reserve(shape.groups ? layout.paddedCount : 0),
    folded: normalises ? arena.reserve(layout.paddedDense) : parameters,
    normalised: normalises ? hidden.map((layer) => arena.reserve(partRows * layer.paddedOutputs)) : [],
    transposed: perLayer((layer) => layer.paddedInputs * layer.paddedOutputs),
    zeros: arena.reserve(widest),
    clean: arena.reserve(partRows * stride),
    corrupted: arena.reserve(partRows * stride),
    activations: [0, ...perLayer((layer) => partRows * layer.paddedOutputs)],
    deltas: perLayer((layer) => partRows * layer.paddedOutputs),
    order: arena.reserve(shape.capacity),
    offsets: arena.reserve(shape.capacity),
    noise: arena.reserve(shape.tableSize + stride),
    mask: arena.reserve(shape.tableSize + stride),
    rows: arena.reserve(shape.capacity * stride),
    dropout: dropoutSize === 0 ? [] : hidden.map((layer) => arena.reserve(dropoutSize + layer.paddedOutputs)),
    dropped: dropoutSize === 0 ? [] : hidden.map((layer) => arena.reserve(partRows * layer.paddedOutputs)),
  };
}
