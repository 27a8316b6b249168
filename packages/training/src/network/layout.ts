/** Widths in memory are rounded up to this; the padding is zero and stays zero. */
const PADDING = 8;

/** One dense layer: y = act(x W + b), W row-major [inputs, outputs]. */
export interface LayerLayout {
  readonly inputs: number;
  readonly outputs: number;
  readonly paddedInputs: number;
  readonly paddedOutputs: number;
  /** Where W and b start among the padded parameters, in values. */
  readonly weights: number;
  readonly biases: number;
  /** Where the scales of the layer's normalisation start; NaN for a layer without one. */
  readonly scales: number;
}

/** Where the parameters of a dense network lie. */
export interface NetworkLayout {
  readonly layers: readonly LayerLayout[];
  /** Padded W and b of each layer in turn. */
  readonly paddedDense: number;
  /** Padded parameters: W and b of each layer in turn, and then the scales of each. */
  readonly paddedCount: number;
  /** Parameters without padding. */
  readonly count: number;
}

/**
 * The layout of a network with these widths, from input to output.
 *
 * @param normalised whether hidden layers have scales
 */
export function layoutOf(widths: readonly number[], normalised = false): NetworkLayout {
  const dense: Omit<LayerLayout, 'scales'>[] = [];
  let paddedDense = 0;
  let count = 0;
  for (let i = 1; i < widths.length; i++) {
    const inputs = widths[i - 1]!;
    const outputs = widths[i]!;
    const paddedInputs = padded(inputs);
    const paddedOutputs = padded(outputs);
    const biases = paddedDense + paddedInputs * paddedOutputs;
    dense.push({ inputs, outputs, paddedInputs, paddedOutputs, weights: paddedDense, biases });
    paddedDense = biases + paddedOutputs;
    count += (inputs + 1) * outputs;
  }
  let paddedCount = paddedDense;
  const layers = dense.map((layer, index) => {
    if (!normalised || index === dense.length - 1) return { ...layer, scales: Number.NaN };
    const scales = paddedCount;
    paddedCount += layer.paddedOutputs;
    count += layer.outputs;
    return { ...layer, scales };
  });
  return { layers, paddedDense, paddedCount, count };
}

/** A width as it is in memory. */
export function padded(width: number): number {
  return Math.ceil(width / PADDING) * PADDING;
}

/** Takes parameters without padding (W and b of each layer in turn, then the scales) into padded memory. */
export function padParameters(layout: NetworkLayout, from: Float32Array, to: Float32Array): void {
  let at = 0;
  for (const [start, length] of runsOf(layout)) to.set(from.subarray(at, (at += length)), start);
}

/** The parameters without padding. */
export function unpadParameters(layout: NetworkLayout, from: Float32Array): Float32Array {
  const to = new Float32Array(layout.count);
  let at = 0;
  for (const [start, length] of runsOf(layout)) {
    to.set(from.subarray(start, start + length), at);
    at += length;
  }
  return to;
}

/** Start and length of each run of parameters between paddings, in order. */
function* runsOf({ layers }: NetworkLayout): Generator<[start: number, length: number]> {
  for (const { inputs, outputs, paddedOutputs, weights, biases } of layers) {
    for (let row = 0; row < inputs; row++) yield [weights + row * paddedOutputs, outputs];
    yield [biases, outputs];
  }
  for (const { scales, outputs } of layers) if (!Number.isNaN(scales)) yield [scales, outputs];
}
