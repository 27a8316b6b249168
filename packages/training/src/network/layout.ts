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
}

/** Where the parameters of a dense network lie. */
export interface NetworkLayout {
  readonly layers: readonly LayerLayout[];
  /** Padded parameters: W and b of each layer in turn. */
  readonly paddedCount: number;
  /** Parameters without padding. */
  readonly count: number;
}

/** The layout of a network with these widths, from input to output. */
export function layoutOf(widths: readonly number[]): NetworkLayout {
  const layers: LayerLayout[] = [];
  let paddedCount = 0;
  let count = 0;
  for (let i = 1; i < widths.length; i++) {
    const inputs = widths[i - 1]!;
    const outputs = widths[i]!;
    const paddedInputs = padded(inputs);
    const paddedOutputs = padded(outputs);
    const biases = paddedCount + paddedInputs * paddedOutputs;
    layers.push({ inputs, outputs, paddedInputs, paddedOutputs, weights: paddedCount, biases });
    paddedCount = biases + paddedOutputs;
    count += (inputs + 1) * outputs;
  }
  return { layers, paddedCount, count };
}

/** A width as it is in memory. */
export function padded(width: number): number {
  return Math.ceil(width / PADDING) * PADDING;
}

/** Takes parameters without padding (W and b of each layer in turn) into padded memory. */
export function padParameters(layout: NetworkLayout, from: Float32Array, to: Float32Array): void {
  let at = 0;
  for (const layer of layout.layers) {
    for (let row = 0; row <= layer.inputs; row++) {
      const start = row === layer.inputs ? layer.biases : layer.weights + row * layer.paddedOutputs;
      to.set(from.subarray(at, at + layer.outputs), start);
      at += layer.outputs;
    }
  }
}

/** The parameters without padding. */
export function unpadParameters(layout: NetworkLayout, from: Float32Array): Float32Array {
  const to = new Float32Array(layout.count);
  let at = 0;
  for (const layer of layout.layers) {
    for (let row = 0; row <= layer.inputs; row++) {
      const start = row === layer.inputs ? layer.biases : layer.weights + row * layer.paddedOutputs;
      to.set(from.subarray(start, start + layer.outputs), at);
      at += layer.outputs;
    }
  }
  return to;
}
