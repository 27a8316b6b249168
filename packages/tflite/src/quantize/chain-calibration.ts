import { WeightMatrix } from '../engines/reference/matrix.ts';
import { exp, expm1, tanh } from '../engines/reference/transcendental.ts';
import { TfliteError } from '../error.ts';
import type { DenseLayer } from './dense.ts';
import { RangeCollector, type ChosenRange, type RangeMethod } from './range.ts';

/** What calibration saw at one layer. */
export interface LayerRanges {
  /** Before the activation; the same as `output` where the activation is fused into the layer. */
  readonly sum: ChosenRange;
  readonly output: ChosenRange;
}

export interface ChainCalibration {
  readonly input: ChosenRange;
  readonly layers: readonly LayerRanges[];
}

const FUSED: ReadonlySet<string> = new Set(['none', 'relu', 'relu6', 'relu_n1_to_1']);

/** Whether the layer's kernel applies the activation itself. */
export function isFused(layer: DenseLayer): boolean {
  return FUSED.has(layer.activation);
}

/** Throws unless each layer takes what the one before it gives. */
export function checkChain(layers: readonly DenseLayer[]): void {
  if (layers.length === 0) throw new TfliteError('dense chain', 'has no layers');
  layers.forEach((layer, i) => {
    const before = layers[i - 1];
    const fits =
      layer.weights.length === layer.units * layer.width && (layer.bias === null || layer.bias.length === layer.units);
    if (!fits)
      throw new TfliteError(
        `layer ${layer.name}`,
        `has ${layer.weights.length} weights for ${layer.units} by ${layer.width}`,
      );
    if (before !== undefined && before.units !== layer.width) {
      throw new TfliteError(`layer ${layer.name}`, `takes ${layer.width} values, ${before.name} gives ${before.units}`);
    }
  });
}

/** A layer in plain arithmetic: sums in double precision, rounded to float32 after sum and activation. */
class FloatLayer {
  readonly layer: DenseLayer;
  readonly sums: Float32Array;
  readonly outputs: Float32Array;
  readonly #matrix: WeightMatrix;
  readonly #row: Float64Array;
  readonly #wide: Float64Array;

  constructor(layer: DenseLayer) {
    this.layer = layer;
    this.#matrix = new WeightMatrix(layer.units, layer.width).load(layer.weights, layer.bias ?? undefined);
    this.#row = new Float64Array(layer.width);
    this.#wide = new Float64Array(layer.units);
    this.sums = new Float32Array(layer.units);
    this.outputs = new Float32Array(layer.units);
  }

  run(input: Float32Array, start: number): void {
    for (let i = 0; i < this.#row.length; i++) this.#row[i] = input[start + i];
    this.#matrix.multiply(this.#row, this.#wide);
    for (let i = 0; i < this.sums.length; i++) {
      this.sums[i] = this.#wide[i];
      this.outputs[i] = activate(this.layer, this.sums[i]);
    }
  }
}

/** A layer's activation of one value, in double precision. */
export function activate(layer: Pick<DenseLayer, 'activation' | 'alpha'>, x: number): number {
  switch (layer.activation) {
    case 'none':
      return x;
    case 'relu':
      return Math.max(x, 0);
    case 'relu6':
      return Math.min(Math.max(x, 0), 6);
    case 'relu_n1_to_1':
      return Math.min(Math.max(x, -1), 1);
    case 'tanh':
      return tanh(x);
    case 'logistic':
      return 1 / (1 + exp(-x));
    case 'elu':
      return x < 0 ? expm1(x) : x;
    case 'leaky_relu':
      return x < 0 ? x * (layer.alpha ?? 0.3) : x;
  }
}

/**
 * Runs float layers over representative rows and chooses the range of every tensor between them.
 *
 * @param rows [n, width of the first layer], row-major: rows of the training set, never of a test set.
 */
export function calibrateChain(
  layers: readonly DenseLayer[],
  rows: Float32Array,
  method: RangeMethod = { kind: 'min-max' },
): ChainCalibration {
  checkChain(layers);
  const [{ width }] = layers;
  if (rows.length === 0 || rows.length % width !== 0) {
    throw new TfliteError('calibration rows', `hold ${rows.length} values, which is no multiple of ${width}`);
  }
  const input = new RangeCollector();
  const stages = layers.map((layer) => ({
    float: new FloatLayer(layer),
    sums: new RangeCollector(),
    outputs: new RangeCollector(),
  }));
  input.add(rows);
  for (let start = 0; start < rows.length; start += width) {
    let current = rows;
    let from = start;
    for (const stage of stages) {
      stage.float.run(current, from);
      stage.outputs.add(stage.float.outputs);
      if (!isFused(stage.float.layer)) stage.sums.add(stage.float.sums);
      current = stage.float.outputs;
      from = 0;
    }
  }
  return {
    input: input.choose(method),
    layers: stages.map((stage) => {
      const output = stage.outputs.choose(method);
      return { sum: isFused(stage.float.layer) ? output : stage.sums.choose(method), output };
    }),
  };
}
