import { TfliteError } from '../error.ts';
import type { FusedActivation, OperatorName, OperatorOptions, Padding } from '../model/operator-options.ts';
import { OPERATORS } from '../model/operators.ts';
import { inferShapes } from '../model/shapes.ts';
import type { TensorType } from '../model/tensor-types.ts';
import {
  elementCount,
  type MetadataEntry,
  type Model,
  type Operator,
  type Quantization,
  type Tensor,
} from '../model/types.ts';
import { validateModel } from '../model/validate.ts';
import { minimumVersion } from './versions.ts';

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

export interface Conv2dBuildOptions {
  readonly strides?: readonly [number, number];
  readonly dilations?: readonly [number, number];
  readonly padding?: Padding;
  readonly activation?: FusedActivation;
  /** Of the int8 result. */
  readonly output?: Affine;
  readonly name?: string;
}

export interface PoolBuildOptions {
  readonly size: readonly [number, number];
  readonly strides?: readonly [number, number];
  readonly padding?: Padding;
  readonly name?: string;
}

/**
 * Builds a model operator by operator. Shapes and types follow from the inputs; every method gives the handle of its
 * result. Batch is written as 1 with a shape signature of -1. Equal small constants are stored once.
 *
 * @example
 * const g = new GraphBuilder();
 * const x = g.input('features', 4);
 * const h = g.fullyConnected(x, weights, bias, 'relu');
 * g.output('score', g.mean(h, [1]));
 * const bytes = writeModel(g.build());
 */
export class GraphBuilder {
  readonly #description: string;
  readonly #tensors: Tensor[] = [];
  readonly #operators: Operator[] = [];
  readonly #buffers: Uint8Array[] = [new Uint8Array(0)];
  readonly #metadata: MetadataEntry[] = [];
  readonly #inputs: { name: string; tensor: number }[] = [];
  readonly #outputs: { name: string; tensor: number }[] = [];
  readonly #names = new Set<string>();
  readonly #smallConstants = new Map<string, TensorHandle>();

  constructor(options: { description?: string } = {}) {
    this.#description = options.description ?? '';
  }

  /**
   * An input of the signature. `shape` is without the batch: a width or a list of dimensions.
   * With `quantization` the input is int8.
   */
  input(
    name: string,
    shape: number | readonly number[],
    options: { type?: TensorType; quantization?: Affine } = {},
  ): TensorHandle {
    const rest = typeof shape === 'number' ? [shape] : shape;
    const type = options.type ?? (options.quantization === undefined ? 'float32' : 'int8');
    const handle = this.#tensor(name, [1, ...rest], type, {
      shapeSignature: [-1, ...rest],
      ...(options.quantization === undefined ? {} : { quantization: perTensor(options.quantization) }),
    });
    this.#inputs.push({ name, tensor: handle.index });
    return handle;
  }

  /** A constant tensor. `data` is copied. */
  constant(name: string, shape: readonly number[], data: ConstantData, options: ConstantOptions = {}): TensorHandle {
    if (data.length !== elementCount(shape)) {
      throw new TfliteError(
        `constant ${name}`,
        `has ${data.length} values, shape [${shape.join(', ')}] needs ${elementCount(shape)}`,
      );
    }
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
    const buffer = this.#buffers.push(bytes) - 1;
    return this.#tensor(name, shape, options.type ?? typeOf(data), {
      buffer,
      ...(options.quantization === undefined ? {} : { quantization: options.quantization }),
    });
  }

  /** A float32 scalar, stored once for each value. */
  scalar(value: number): TensorHandle {
    return this.#small(`scalar/${value}`, [], Float32Array.of(value));
  }

  /** A float32 row that broadcasts over the batch. */
  row(name: string, values: Float32Array): TensorHandle {
    return this.constant(name, [values.length], values);
  }

  #integers(values: readonly number[], shape: readonly number[] = [values.length]): TensorHandle {
    return this.#small(`integers/${shape.join('x')}/${values.join('_')}`, shape, Int32Array.from(values));
  }

  #small(name: string, shape: readonly number[], data: ConstantData): TensorHandle {
    let handle = this.#smallConstants.get(name);
    if (handle === undefined) {
      handle = this.constant(name, shape, data);
      this.#smallConstants.set(name, handle);
    }
    return handle;
  }

  /** y = activation(x · weightsᵀ + bias) with weights [out, in] and bias [out]. Activation `tanh` becomes its own operator. */
  fullyConnected(
    x: TensorHandle,
    weights: TensorHandle,
    bias: TensorHandle | null,
    activation: FusedActivation = 'none',
    name?: string,
  ): TensorHandle {
    const fused = activation === 'tanh' ? 'none' : activation;
    const result = this.#add('FULLY_CONNECTED', [x, weights, bias], fullyConnectedOptions(fused, x), {
      name: activation === 'tanh' ? undefined : name,
    });
    return activation === 'tanh' ? this.tanh(result, name) : result;
  }

  /**
   * int8 FULLY_CONNECTED: `x` int8, `weights` int8 [out, in] with one scale and zero point 0, `bias` int32 [out] in steps
   * of the product of both scales, the result in `output`'s scale.
   */
  fullyConnectedInt8(
    x: TensorHandle,
    weights: TensorHandle,
    bias: TensorHandle | null,
    output: Affine,
    activation: FusedActivation = 'none',
    name?: string,
  ): TensorHandle {
    return this.#add('FULLY_CONNECTED', [x, weights, bias], fullyConnectedOptions(activation, x), {
      name,
      quantization: perTensor(output),
    });
  }

  add(a: TensorHandle, b: TensorHandle, activation: FusedActivation = 'none', name?: string): TensorHandle {
    return this.#add('ADD', [a, b], { activation, potScaleInt16: true }, { name });
  }

  sub(a: TensorHandle, b: TensorHandle, activation: FusedActivation = 'none', name?: string): TensorHandle {
    return this.#add('SUB', [a, b], { activation, potScaleInt16: true }, { name });
  }

  mul(a: TensorHandle, b: TensorHandle, activation: FusedActivation = 'none', name?: string): TensorHandle {
    return this.#add('MUL', [a, b], { activation }, { name });
  }

  div(a: TensorHandle, b: TensorHandle, activation: FusedActivation = 'none', name?: string): TensorHandle {
    return this.#add('DIV', [a, b], { activation }, { name });
  }

  maximum(a: TensorHandle, b: TensorHandle, name?: string): TensorHandle {
    return this.#add('MAXIMUM', [a, b], {}, { name });
  }

  minimum(a: TensorHandle, b: TensorHandle, name?: string): TensorHandle {
    return this.#add('MINIMUM', [a, b], {}, { name });
  }

  squaredDifference(a: TensorHandle, b: TensorHandle, name?: string): TensorHandle {
    return this.#add('SQUARED_DIFFERENCE', [a, b], {}, { name });
  }

  prelu(x: TensorHandle, slopes: TensorHandle, name?: string): TensorHandle {
    return this.#add('PRELU', [x, slopes], {}, { name });
  }

  /** An operator of one input without options, such as LOG, ABS, RELU or TANH. */
  unary(op: UnaryOperator, x: TensorHandle, name?: string): TensorHandle {
    return this.#add(op, [x], {}, { name });
  }

  log(x: TensorHandle, name?: string): TensorHandle {
    return this.unary('LOG', x, name);
  }

  exp(x: TensorHandle, name?: string): TensorHandle {
    return this.unary('EXP', x, name);
  }

  sqrt(x: TensorHandle, name?: string): TensorHandle {
    return this.unary('SQRT', x, name);
  }

  rsqrt(x: TensorHandle, name?: string): TensorHandle {
    return this.unary('RSQRT', x, name);
  }

  abs(x: TensorHandle, name?: string): TensorHandle {
    return this.unary('ABS', x, name);
  }

  neg(x: TensorHandle, name?: string): TensorHandle {
    return this.unary('NEG', x, name);
  }

  square(x: TensorHandle, name?: string): TensorHandle {
    return this.unary('SQUARE', x, name);
  }

  relu(x: TensorHandle, name?: string): TensorHandle {
    return this.unary('RELU', x, name);
  }

  relu6(x: TensorHandle, name?: string): TensorHandle {
    return this.unary('RELU6', x, name);
  }

  tanh(x: TensorHandle, name?: string): TensorHandle {
    return this.unary('TANH', x, name);
  }

  logistic(x: TensorHandle, name?: string): TensorHandle {
    return this.unary('LOGISTIC', x, name);
  }

  elu(x: TensorHandle, name?: string): TensorHandle {
    return this.unary('ELU', x, name);
  }

  hardSwish(x: TensorHandle, name?: string): TensorHandle {
    return this.unary('HARD_SWISH', x, name);
  }

  leakyRelu(x: TensorHandle, alpha: number, name?: string): TensorHandle {
    return this.#add('LEAKY_RELU', [x], { alpha }, { name });
  }

  /** Over the last dimension. */
  softmax(x: TensorHandle, beta = 1, name?: string): TensorHandle {
    return this.#add('SOFTMAX', [x], { beta }, { name });
  }

  logSoftmax(x: TensorHandle, name?: string): TensorHandle {
    return this.#add('LOG_SOFTMAX', [x], {}, { name });
  }

  sum(x: TensorHandle, axes: readonly number[], keepDims = false, name?: string): TensorHandle {
    return this.#add('SUM', [x, this.#integers(axes)], { keepDims }, { name });
  }

  mean(x: TensorHandle, axes: readonly number[], keepDims = false, name?: string): TensorHandle {
    return this.#add('MEAN', [x, this.#integers(axes)], { keepDims }, { name });
  }

  reduceMax(x: TensorHandle, axes: readonly number[], keepDims = false, name?: string): TensorHandle {
    return this.#add('REDUCE_MAX', [x, this.#integers(axes)], { keepDims }, { name });
  }

  reduceMin(x: TensorHandle, axes: readonly number[], keepDims = false, name?: string): TensorHandle {
    return this.#add('REDUCE_MIN', [x, this.#integers(axes)], { keepDims }, { name });
  }

  concat(parts: readonly TensorHandle[], axis = -1, name?: string): TensorHandle {
    const rank = parts[0]?.shape.length ?? 0;
    return this.#add('CONCATENATION', parts, { axis: axis < 0 ? axis + rank : axis, activation: 'none' }, { name });
  }

  /** Equal parts along `axis`. */
  split(x: TensorHandle, count: number, axis = -1, name?: string): readonly TensorHandle[] {
    const positive = axis < 0 ? axis + x.shape.length : axis;
    const names = Array.from({ length: count }, (_, i) => (name === undefined ? undefined : `${name}/${i}`));
    return this.#addMany('SPLIT', [this.#integers([positive], []), x], { numSplits: count }, { names });
  }

  /**
   * A part of a tensor. A size of -1 goes to the end of its dimension; the batch stays whole where begin is 0 and size -1.
   * Open sizes are written as STRIDED_SLICE with masks: the WebAssembly build of TensorFlow Lite gets SLICE wrong there.
   */
  slice(x: TensorHandle, begin: readonly number[], size: readonly number[], name?: string): TensorHandle {
    if (!size.includes(-1)) return this.#add('SLICE', [x, this.#integers(begin), this.#integers(size)], {}, { name });
    const mask = (included: (d: number) => boolean): number =>
      size.reduce((bits, _, d) => bits | (included(d) ? 1 << d : 0), 0);
    const end = size.map((length, d) => (length === -1 ? 0 : begin[d] + length));
    const masks = { begin: mask((d) => begin[d] === 0), end: mask((d) => size[d] === -1) };
    return this.stridedSlice(x, { begin, end, strides: size.map(() => 1) }, masks, name);
  }

  /** Columns `from` (included) to `to` (excluded) of the last dimension. */
  columns(x: TensorHandle, from: number, to: number, name?: string): TensorHandle {
    const rank = x.shape.length;
    const begin = Array.from({ length: rank }, (_, d) => (d === rank - 1 ? from : 0));
    const size = Array.from({ length: rank }, (_, d) => (d === rank - 1 ? to - from : -1));
    return this.slice(x, begin, size, name);
  }

  stridedSlice(
    x: TensorHandle,
    range: { begin: readonly number[]; end: readonly number[]; strides: readonly number[] },
    masks: { begin?: number; end?: number; shrink?: number } = {},
    name?: string,
  ): TensorHandle {
    const options = { beginMask: masks.begin ?? 0, endMask: masks.end ?? 0, shrinkAxisMask: masks.shrink ?? 0 };
    const inputs = [x, this.#integers(range.begin), this.#integers(range.end), this.#integers(range.strides)];
    return this.#add('STRIDED_SLICE', inputs, { ...options, ellipsisMask: 0, newAxisMask: 0, offset: false }, { name });
  }

  /** Entries of `x` along `axis` at constant or computed indices. */
  gather(x: TensorHandle, indices: TensorHandle | readonly number[], axis: number, name?: string): TensorHandle {
    const at = Array.isArray(indices) ? this.#integers(indices as readonly number[]) : (indices as TensorHandle);
    return this.#add('GATHER', [x, at], { axis: axis < 0 ? axis + x.shape.length : axis, batchDims: 0 }, { name });
  }

  /** One dimension may be -1; write the batch so. */
  reshape(x: TensorHandle, shape: readonly number[], name?: string): TensorHandle {
    return this.#add('RESHAPE', [x, this.#integers(shape)], { newShape: shape }, { name });
  }

  transpose(x: TensorHandle, order: readonly number[], name?: string): TensorHandle {
    return this.#add('TRANSPOSE', [x, this.#integers(order)], {}, { name });
  }

  /** Zeros before and after each dimension. */
  pad(x: TensorHandle, paddings: readonly (readonly [number, number])[], name?: string): TensorHandle {
    return this.#add('PAD', [x, this.#integers(paddings.flat(), [paddings.length, 2])], {}, { name });
  }

  /** Filter [out channels, height, width, in channels]. Without a bias, one of zeros is written: the kernels need it. */
  conv2d(
    x: TensorHandle,
    filter: TensorHandle,
    bias: TensorHandle | null,
    options: Conv2dBuildOptions = {},
  ): TensorHandle {
    return this.#add(
      'CONV_2D',
      [x, filter, bias ?? this.#zeroBias(filter.shape[0], options)],
      convolutionOptions(options),
      {
        name: options.name,
        ...(options.output === undefined ? {} : { quantization: perTensor(options.output) }),
      },
    );
  }

  /** Filter [1, height, width, in channels * multiplier]. Without a bias, one of zeros is written. */
  depthwiseConv2d(
    x: TensorHandle,
    filter: TensorHandle,
    bias: TensorHandle | null,
    options: Conv2dBuildOptions = {},
  ): TensorHandle {
    const depthMultiplier = filter.shape[3] / x.shape[3];
    return this.#add(
      'DEPTHWISE_CONV_2D',
      [x, filter, bias ?? this.#zeroBias(filter.shape[3], options)],
      { ...convolutionOptions(options), depthMultiplier },
      {
        name: options.name,
        ...(options.output === undefined ? {} : { quantization: perTensor(options.output) }),
      },
    );
  }

  #zeroBias(channels: number, options: Conv2dBuildOptions): TensorHandle {
    const values = options.output === undefined ? new Float32Array(channels) : new Int32Array(channels);
    return this.constant(`${options.name ?? 'convolution'}/zero_bias`, [channels], values);
  }

  averagePool2d(x: TensorHandle, options: PoolBuildOptions): TensorHandle {
    return this.#add('AVERAGE_POOL_2D', [x], poolOptions(options), { name: options.name });
  }

  maxPool2d(x: TensorHandle, options: PoolBuildOptions): TensorHandle {
    return this.#add('MAX_POOL_2D', [x], poolOptions(options), { name: options.name });
  }

  /** float32 (or int8 of another scale) to int8. */
  quantize(x: TensorHandle, to: Affine, name?: string): TensorHandle {
    return this.#add('QUANTIZE', [x], {}, { name, type: 'int8', quantization: perTensor(to) });
  }

  /** int8 or float16 to float32. */
  dequantize(x: TensorHandle, name?: string): TensorHandle {
    return this.#add('DEQUANTIZE', [x], {}, { name, type: 'float32', quantization: undefined });
  }

  cast(x: TensorHandle, type: TensorType, name?: string): TensorHandle {
    return this.#add('CAST', [x], { inputType: 0, outputType: 0 }, { name, type, quantization: undefined });
  }

  /** Any operator with one result, with its options; for int8 results with the quantisation of the output. */
  operator<Name extends OperatorName>(
    op: Name,
    inputs: readonly (TensorHandle | null)[],
    options: OperatorOptions[Name],
    result: { name?: string; quantization?: Affine } = {},
  ): TensorHandle {
    return this.operators(op, inputs, options, [result.name], result.quantization)[0];
  }

  /** Any operator with as many results as there are names. */
  operators<Name extends OperatorName>(
    op: Name,
    inputs: readonly (TensorHandle | null)[],
    options: OperatorOptions[Name],
    names: readonly (string | undefined)[],
    quantization?: Affine,
  ): readonly TensorHandle[] {
    const shared = quantization === undefined ? {} : { quantization: perTensor(quantization) };
    return this.#addMany(op, inputs, options, { names, ...shared });
  }

  /** Makes a tensor an output of the signature. */
  output(name: string, x: TensorHandle): void {
    if (this.#outputs.some((output) => output.name === name)) throw new TfliteError(`output ${name}`, 'exists already');
    this.#outputs.push({ name, tensor: x.index });
  }

  /** A named metadata buffer. */
  metadata(name: string, bytes: Uint8Array): void {
    this.#metadata.push({ name, buffer: this.#buffers.push(bytes.slice()) - 1 });
  }

  /** The finished model, validated, with the signature `serving_default`. */
  build(): Model {
    const model: Model = {
      description: this.#description,
      subgraphs: [
        {
          name: 'main',
          tensors: [...this.#tensors],
          inputs: this.#inputs.map((input) => input.tensor),
          outputs: [...new Set(this.#outputs.map((output) => output.tensor))],
          operators: [...this.#operators],
        },
      ],
      buffers: [...this.#buffers],
      signatures: [{ key: 'serving_default', subgraph: 0, inputs: [...this.#inputs], outputs: [...this.#outputs] }],
      metadata: [...this.#metadata],
    };
    validateModel(model, 'graph');
    return model;
  }

  #tensor(name: string, shape: readonly number[], type: TensorType, rest: Partial<Tensor> = {}): TensorHandle {
    let unique = name;
    for (let n = 1; this.#names.has(unique); n++) unique = `${name}_${n}`;
    this.#names.add(unique);
    const tensor: Tensor = { name: unique, shape, type, buffer: 0, isVariable: false, ...rest };
    const index = this.#tensors.push(tensor) - 1;
    const { quantization } = tensor;
    return { index, name: unique, shape, type, ...(quantization === undefined ? {} : { quantization }) };
  }

  #add(
    op: OperatorName,
    inputs: readonly (TensorHandle | null)[],
    options: object,
    result: NewTensor & { readonly name?: string | undefined },
  ): TensorHandle {
    return this.#addMany(op, inputs, options, { ...result, names: [result.name] })[0];
  }

  #addMany(
    op: OperatorName,
    inputs: readonly (TensorHandle | null)[],
    options: object,
    result: NewTensor & { readonly names: readonly (string | undefined)[] },
  ): readonly TensorHandle[] {
    for (const input of inputs) {
      if (input !== null && this.#tensors[input.index]?.name !== input.name)
        throw new TfliteError(op, `tensor ${input.name} belongs to another graph`);
    }
    const given = inputs.filter((input): input is TensorHandle => input !== null);
    const indices = inputs.map((input) => (input === null ? -1 : input.index));
    // An optional last input that is left out is not written at all, except for -1 in the middle.
    while (indices.at(-1) === -1 && indices.length > OPERATORS[op].minInputs) indices.pop();
    const draft = {
      op,
      version: 1,
      inputs: indices,
      outputs: Array.from({ length: result.names.length }, () => -1),
      options,
    } as unknown as Operator;
    const shapes = inferShapes({
      operator: draft,
      shapes: inputs.slice(0, indices.length).map((input) => input?.shape),
      integers: (input) => this.#constantIntegers(inputs[input] ?? null),
    });
    const fallback = `${op.toLowerCase()}_${this.#operators.length}`;
    if (typeof shapes === 'string') throw new TfliteError(`${op} ${result.names[0] ?? fallback}`, shapes);
    const data = op === 'SPLIT' ? given[1] : given[0];
    const quantization = 'quantization' in result ? result.quantization : data.quantization;
    const outputs = shapes.map((shape, i) =>
      this.#tensor(result.names[i] ?? (i === 0 ? fallback : `${fallback}/${i}`), shape, result.type ?? data.type, {
        ...this.#signature(given, shape),
        ...(quantization === undefined ? {} : { quantization }),
      }),
    );
    const version = minimumVersion(op, given, outputs, options as Record<string, unknown>);
    this.#operators.push({ ...draft, version, outputs: outputs.map((output) => output.index) });
    return outputs;
  }

  /** Results of tensors with an open batch have an open batch as long as their first dimension is 1. */
  #signature(inputs: readonly TensorHandle[], shape: readonly number[]): { shapeSignature?: readonly number[] } {
    const open = inputs.some((input) => this.#tensors[input.index].shapeSignature?.[0] === -1);
    return open && shape[0] === 1 ? { shapeSignature: [-1, ...shape.slice(1)] } : {};
  }

  #constantIntegers(handle: TensorHandle | null): number[] | undefined {
    if (handle === null || (handle.type !== 'int32' && handle.type !== 'int64')) return undefined;
    const { buffer } = this.#tensors[handle.index];
    if (buffer === 0) return undefined;
    const bytes = this.#buffers[buffer];
    const values = handle.type === 'int32' ? new Int32Array(bytes.buffer) : new BigInt64Array(bytes.buffer);
    return Array.from<number | bigint, number>(values as Int32Array, Number);
  }
}

/** Type and quantisation of a result, where they are not those of the first input. */
interface NewTensor {
  readonly type?: TensorType;
  readonly quantization?: Quantization | undefined;
}

/** Operators of one input that have no options. */
export type UnaryOperator =
  | 'ABS'
  | 'ELU'
  | 'EXP'
  | 'HARD_SWISH'
  | 'LOG'
  | 'LOGISTIC'
  | 'NEG'
  | 'RELU'
  | 'RELU6'
  | 'RELU_N1_TO_1'
  | 'RSQRT'
  | 'SQRT'
  | 'SQUARE'
  | 'TANH';

/** Quantisation of a whole tensor. */
export function perTensor(affine: Affine): Quantization {
  return { scale: [Math.fround(affine.scale)], zeroPoint: [affine.zeroPoint], quantizedDimension: 0 };
}

function fullyConnectedOptions(activation: FusedActivation, x: TensorHandle): OperatorOptions['FULLY_CONNECTED'] {
  // Inputs of more than two dimensions keep them, as a dense layer does.
  return { activation, weightsFormat: 0, keepNumDims: x.shape.length > 2, asymmetricQuantizeInputs: false };
}

function convolutionOptions(options: Conv2dBuildOptions): OperatorOptions['CONV_2D'] {
  const [strideHeight, strideWidth] = options.strides ?? [1, 1];
  const [dilationHeight, dilationWidth] = options.dilations ?? [1, 1];
  const { padding = 'valid', activation = 'none' } = options;
  return { padding, strideWidth, strideHeight, activation, dilationWidth, dilationHeight };
}

function poolOptions(options: PoolBuildOptions): OperatorOptions['MAX_POOL_2D'] {
  const [filterHeight, filterWidth] = options.size;
  const [strideHeight, strideWidth] = options.strides ?? options.size;
  return {
    padding: options.padding ?? 'valid',
    strideWidth,
    strideHeight,
    filterWidth,
    filterHeight,
    activation: 'none',
  };
}

function typeOf(data: ConstantData): TensorType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Int32Array) return 'int32';
  if (data instanceof Int8Array) return 'int8';
  if (data instanceof Uint8Array) return 'uint8';
  if (data instanceof Uint16Array) return 'float16';
  return 'int64';
}
