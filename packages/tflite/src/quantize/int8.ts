import type { Affine, TensorHandle } from '../builder/handles.ts';
import { TfliteError } from '../error.ts';
import { isRescaleFast, largestScale, rescaleOutOfRange } from '../model/kernel-types.ts';
import type { OperatorName, OperatorOptions } from '../model/operator-options.ts';
import { withoutUnused } from '../model/prune.ts';
import type { Model, Operator } from '../model/types.ts';
import type { TensorRanges } from './calibrate.ts';
import { quantizeBias, quantizeWeights } from './dense.ts';
import { affineOfRange } from './range.ts';
import { ModelRewriter } from './rewrite.ts';

export interface Int8Options {
  /**
   * What stays float, such as the first and the last layer: operators by the name of their first output, or all of a layer,
   * whose operators are named `layer/...`.
   */
  readonly keepFloat?: readonly string[];
  /** Operators, by the name of their first output, that alone become int8. Default: all that can. */
  readonly only?: readonly string[];
}

/** What quantisation did to a model. */
export interface Int8Report {
  /** Operators that compute in int8, and those that stay float, by the name of their first output. */
  readonly quantized: readonly string[];
  readonly float: readonly string[];
  /** Bias values that did not fit into int32, by operator; operators with none are left out. */
  readonly saturatedBias: Readonly<Record<string, number>>;
}

export interface Int8Result {
  readonly model: Model;
  readonly report: Int8Report;
}

/** Operators whose int8 result has the scale of their first input. */
const SAME_SCALE: ReadonlySet<OperatorName> = new Set<OperatorName>([
  'AVERAGE_POOL_2D',
  'EXPAND_DIMS',
  'MAX_POOL_2D',
  'PAD',
  'REDUCE_MAX',
  'REDUCE_MIN',
  'RESHAPE',
  'SLICE',
  'SQUEEZE',
  'STRIDED_SLICE',
  'TRANSPOSE',
]);

/** Operators whose inputs all need the scale of their result. */
const JOINED: ReadonlySet<OperatorName> = new Set<OperatorName>(['CONCATENATION', 'MAXIMUM', 'MINIMUM']);

/** Operators with a scale for each input and one for the result. */
const RESCALED: ReadonlySet<OperatorName> = new Set<OperatorName>([
  'ADD',
  'ELU',
  'HARD_SWISH',
  'LEAKY_RELU',
  'MEAN',
  'MUL',
  'PRELU',
  'RELU',
  'RELU6',
  'RELU_N1_TO_1',
  'SUB',
]);

/** Scales that the specification fixes for results. */
const FIXED: Partial<Readonly<Record<OperatorName, Affine>>> = {
  LOGISTIC: { scale: 1 / 256, zeroPoint: -128 },
  SOFTMAX: { scale: 1 / 256, zeroPoint: -128 },
  TANH: { scale: 1 / 128, zeroPoint: 0 },
};

/**
 * The model in int8: dense weights with one scale, convolution weights with one for each output channel, activations by
 * calibrated ranges, biases in int32. Inputs and outputs stay float32. Operators that TensorFlow Lite has no int8 kernel
 * for (LOG, EXP, DIV and others) stay float between DEQUANTIZE and QUANTIZE.
 *
 * @param ranges of every computed tensor, from `calibrateModel`.
 * @throws TfliteError where nothing has a name that is to stay float
 */
export function toInt8(model: Model, ranges: TensorRanges, options: Int8Options = {}): Int8Result {
  const [{ tensors, operators }] = model.subgraphs;
  const names = operators.map((operator) => tensors[operator.outputs[0]].name);
  const kept = options.keepFloat ?? [];
  const isOf = (name: string, layer: string): boolean => name === layer || name.startsWith(`${layer}/`);
  const unknown = kept.find((layer) => !names.some((name) => isOf(name, layer)));
  if (unknown !== undefined) {
    throw new TfliteError(
      `layer ${unknown}`,
      `computes nothing that could stay float (folded into the one before it, or misspelt); these do: ${names.join(', ')}`,
    );
  }
  const only = options.only === undefined ? undefined : new Set(options.only);
  const keep = names.filter((name) => only?.has(name) === false || kept.some((layer) => isOf(name, layer)));
  return new Quantizer(model, ranges, new Set(keep)).run();
}

class Quantizer {
  readonly #r: ModelRewriter;
  readonly #ranges: TensorRanges;
  readonly #keep: ReadonlySet<string>;
  readonly #quantized: string[] = [];
  readonly #float: string[] = [];
  readonly #saturated: Record<string, number> = {};

  constructor(model: Model, ranges: TensorRanges, keep: ReadonlySet<string>) {
    this.#r = new ModelRewriter(model);
    this.#ranges = ranges;
    this.#keep = keep;
  }

  run(): Int8Result {
    for (const operator of this.#r.source.operators) {
      const { name } = this.#r.tensor(operator.outputs[0]);
      if (!this.#keep.has(name) && this.#isFloat(operator) && this.#quantize(operator)) this.#quantized.push(name);
      else {
        this.#r.copy(operator);
        this.#float.push(name);
      }
    }
    return {
      // Operators that had to stay float may have left conversions behind that nothing uses.
      model: withoutUnused(this.#r.finish()),
      report: { quantized: this.#quantized, float: this.#float, saturatedBias: this.#saturated },
    };
  }

  #isFloat(operator: Operator): boolean {
    return this.#r.tensor(operator.outputs[0]).type === 'float32';
  }

  /** The scale of a tensor: of its values where it is constant, else by calibration. */
  #affine(index: number): Affine {
    if (this.#r.isConstant(index)) {
      const values = this.#r.floats(index);
      const min = values.reduce((least, value) => Math.min(least, value), 0);
      const max = values.reduce((most, value) => Math.max(most, value), 0);
      return affineOfRange({ min, max });
    }
    const { name } = this.#r.tensor(index);
    const range = this.#ranges.get(name);
    if (range === undefined) throw new TfliteError(`tensor ${name}`, 'was not calibrated');
    return affineOfRange(range);
  }

  /** Adds the operator in int8; false where there is no such kernel. */
  #quantize(operator: Operator): boolean {
    const { op } = operator;
    switch (op) {
      case 'FULLY_CONNECTED':
      case 'CONV_2D':
      case 'DEPTHWISE_CONV_2D':
        return this.#weighted(operator);
      case 'SPLIT':
        return this.#split(operator);
      case 'GATHER':
        return false;
      default:
        break;
    }
    if (SAME_SCALE.has(op)) return this.#moved(operator);
    if (JOINED.has(op)) return this.#joined(operator);
    if (RESCALED.has(op) || FIXED[op] !== undefined) return this.#rescaled(operator);
    return false;
  }

  /** False, with nothing added, where the scales are so far apart that kernels could not bring them together, or fast ones. */
  #add(operator: Operator, inputs: readonly (TensorHandle | null)[], output: Affine): boolean {
    const scales = inputs
      .filter((input) => input?.type === 'int8')
      .map((input) => largestScale(input?.quantization?.scale));
    if (rescaleOutOfRange(operator.op, scales, output.scale) !== undefined) return false;
    if (!isRescaleFast(operator.op, scales, output.scale)) return false;
    const names = operator.outputs.map((index) => this.#r.tensor(index).name);
    const handles = this.#r.g.operators(operator.op as OperatorName, inputs, operator.options as never, names, output);
    operator.outputs.forEach((index, i) => this.#r.setInteger(index, handles[i]));
    return true;
  }

  #weighted(operator: Operator): boolean {
    const [input, weights, bias = -1] = operator.inputs;
    const { name } = this.#r.tensor(operator.outputs[0]);
    const constant =
      this.#r.isConstant(weights) &&
      this.#r.tensor(weights).type === 'float32' &&
      (bias === -1 || this.#r.isConstant(bias));
    if (!constant) return false;
    const x = this.#r.integer(input, this.#affine(input));
    const inputScale = x.quantization?.scale[0] ?? 1;
    const units = operator.op === 'DEPTHWISE_CONV_2D' ? 3 : 0;
    const perChannel = operator.op !== 'FULLY_CONNECTED';
    const { shape } = this.#r.tensor(weights);
    const quantized = perChannel
      ? quantizePerChannel(this.#r.floats(weights), shape, units)
      : perTensorWeights(this.#r.floats(weights));
    const g = this.#r.g;
    const filter = g.constant(`${name}/weights`, shape, quantized.values, {
      quantization: {
        scale: quantized.scales,
        zeroPoint: quantized.scales.map(() => 0),
        quantizedDimension: perChannel ? units : 0,
      },
    });
    return this.#add(
      operator,
      [x, filter, this.#bias(name, bias, shape[units], inputScale, quantized.scales)],
      this.#affine(operator.outputs[0]),
    );
  }

  #bias(
    name: string,
    bias: number,
    channels: number,
    inputScale: number,
    weightScales: readonly number[],
  ): TensorHandle {
    const values = bias === -1 ? new Float32Array(channels) : this.#r.floats(bias);
    const scaleAt = (channel: number): number => weightScales[weightScales.length === 1 ? 0 : channel];
    let saturated = 0;
    const integers = Int32Array.from(values, (value, channel) => {
      const one = quantizeBias(Float32Array.of(value), inputScale, scaleAt(channel));
      saturated += one.saturated;
      return one.values[0];
    });
    if (saturated > 0) this.#saturated[name] = saturated;
    const scale = weightScales.map((each) => Math.fround(inputScale * each));
    return this.#r.g.constant(`${name}/bias`, [channels], integers, {
      quantization: { scale, zeroPoint: scale.map(() => 0), quantizedDimension: 0 },
    });
  }

  /** The scale that the int8 form of a tensor has or will have. */
  #inputAffine(index: number): Affine {
    const handle = this.#r.integer(index, this.#affine(index));
    return { scale: handle.quantization?.scale[0] ?? 1, zeroPoint: handle.quantization?.zeroPoint[0] ?? 0 };
  }

  #moved(operator: Operator): boolean {
    const [input, ...plan] = operator.inputs;
    const affine = this.#inputAffine(input);
    return this.#add(
      operator,
      [this.#r.integer(input, affine), ...plan.map((index) => this.#r.original(index))],
      affine,
    );
  }

  #split(operator: Operator): boolean {
    const [axis, input] = operator.inputs;
    const affine = this.#inputAffine(input);
    return this.#add(operator, [this.#r.original(axis), this.#r.integer(input, affine)], affine);
  }

  #joined(operator: Operator): boolean {
    const affine = this.#affine(operator.outputs[0]);
    return this.#add(
      operator,
      operator.inputs.map((input) => this.#r.integer(input, affine, true)),
      affine,
    );
  }

  #rescaled(operator: Operator): boolean {
    const { op, inputs } = operator;
    const data = op === 'MEAN' ? inputs.slice(0, 1) : inputs;
    const handles = data.map((input) => this.#r.integer(input, this.#affine(input)));
    const plan = inputs.slice(data.length).map((input) => this.#r.original(input));
    if (op === 'SOFTMAX' && (operator.options as OperatorOptions['SOFTMAX']).beta !== 1) return false;
    return this.#add(operator, [...handles, ...plan], FIXED[op] ?? this.#affine(operator.outputs[0]));
  }
}

function perTensorWeights(weights: Float32Array): { values: Int8Array; scales: readonly number[] } {
  const { values, scale } = quantizeWeights(weights);
  return { values, scales: [scale] };
}

/** Symmetric int8 with a scale for each index of `dimension`. */
function quantizePerChannel(
  weights: Float32Array,
  shape: readonly number[],
  dimension: number,
): { values: Int8Array; scales: readonly number[] } {
  const channels = shape[dimension];
  const inner = shape.slice(dimension + 1).reduce((product, each) => product * each, 1);
  const largest = new Float64Array(channels);
  weights.forEach((value, i) => {
    const channel = Math.floor(i / inner) % channels;
    largest[channel] = Math.max(largest[channel], Math.abs(value));
  });
  const scales = Array.from(largest, (value) => (value === 0 ? 1 : Math.max(Math.fround(value / 127), 2 ** -126)));
  const values = Int8Array.from(weights, (value, i) =>
    Math.min(127, Math.max(-127, Math.round(value / scales[Math.floor(i / inner) % channels]))),
  );
  return { values, scales };
}
