import type { FusedActivation, OperatorOptions, Padding } from '../model/operator-options.ts';
import type { TensorType } from '../model/tensor-types.ts';
import { ElementwiseBuilder } from './elementwise-builder.ts';
import { perTensor, type Affine, type TensorHandle } from './handles.ts';

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
  readonly activation?: FusedActivation;
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
export class GraphBuilder extends ElementwiseBuilder {
  /** y = activation(x · weightsᵀ + bias) with weights [out, in] and bias [out]. Activation `tanh` becomes its own operator. */
  fullyConnected(
    x: TensorHandle,
    weights: TensorHandle,
    bias: TensorHandle | null,
    activation: FusedActivation = 'none',
    name?: string,
  ): TensorHandle {
    const fused = activation === 'tanh' ? 'none' : activation;
    const result = this.append('FULLY_CONNECTED', [x, weights, bias], fullyConnectedOptions(fused, x), {
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
    return this.append('FULLY_CONNECTED', [x, weights, bias], fullyConnectedOptions(activation, x), {
      name,
      quantization: perTensor(output),
    });
  }

  concat(parts: readonly TensorHandle[], axis = -1, name?: string): TensorHandle {
    const rank = parts[0]?.shape.length ?? 0;
    return this.append('CONCATENATION', parts, { axis: axis < 0 ? axis + rank : axis, activation: 'none' }, { name });
  }

  /** Equal parts along `axis`. */
  split(x: TensorHandle, count: number, axis = -1, name?: string): readonly TensorHandle[] {
    const positive = axis < 0 ? axis + x.shape.length : axis;
    const names = Array.from({ length: count }, (_, i) => (name === undefined ? undefined : `${name}/${i}`));
    return this.appendMany('SPLIT', [this.integers([positive], []), x], { numSplits: count }, { names });
  }

  /**
   * A part of a tensor. A size of -1 goes to the end of its dimension; the batch stays whole where begin is 0 and size -1.
   * Open sizes are written as STRIDED_SLICE with masks: the WebAssembly build of TensorFlow Lite gets SLICE wrong there.
   */
  slice(x: TensorHandle, begin: readonly number[], size: readonly number[], name?: string): TensorHandle {
    if (!size.includes(-1)) return this.append('SLICE', [x, this.integers(begin), this.integers(size)], {}, { name });
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
    const inputs = [x, this.integers(range.begin), this.integers(range.end), this.integers(range.strides)];
    return this.append(
      'STRIDED_SLICE',
      inputs,
      { ...options, ellipsisMask: 0, newAxisMask: 0, offset: false },
      { name },
    );
  }

  /** Entries of `x` along `axis` at constant or computed indices. */
  gather(x: TensorHandle, indices: TensorHandle | readonly number[], axis: number, name?: string): TensorHandle {
    const at = Array.isArray(indices) ? this.integers(indices as readonly number[]) : (indices as TensorHandle);
    return this.append('GATHER', [x, at], { axis: axis < 0 ? axis + x.shape.length : axis, batchDims: 0 }, { name });
  }

  /** One dimension may be -1; write the batch so. */
  reshape(x: TensorHandle, shape: readonly number[], name?: string): TensorHandle {
    return this.append('RESHAPE', [x, this.integers(shape)], { newShape: shape }, { name });
  }

  transpose(x: TensorHandle, order: readonly number[], name?: string): TensorHandle {
    return this.append('TRANSPOSE', [x, this.integers(order)], {}, { name });
  }

  /** Zeros before and after each dimension. */
  pad(x: TensorHandle, paddings: readonly (readonly [number, number])[], name?: string): TensorHandle {
    return this.append('PAD', [x, this.integers(paddings.flat(), [paddings.length, 2])], {}, { name });
  }

  /** Filter [out channels, height, width, in channels]. Without a bias, one of zeros is written: the kernels need it. */
  conv2d(
    x: TensorHandle,
    filter: TensorHandle,
    bias: TensorHandle | null,
    options: Conv2dBuildOptions = {},
  ): TensorHandle {
    return this.append(
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
    return this.append(
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
    return this.append('AVERAGE_POOL_2D', [x], poolOptions(options), { name: options.name });
  }

  maxPool2d(x: TensorHandle, options: PoolBuildOptions): TensorHandle {
    return this.append('MAX_POOL_2D', [x], poolOptions(options), { name: options.name });
  }

  /** float32 (or int8 of another scale) to int8. */
  quantize(x: TensorHandle, to: Affine, name?: string): TensorHandle {
    return this.append('QUANTIZE', [x], {}, { name, type: 'int8', quantization: perTensor(to) });
  }

  /** int8 or float16 to float32. */
  dequantize(x: TensorHandle, name?: string): TensorHandle {
    return this.append('DEQUANTIZE', [x], {}, { name, type: 'float32', quantization: undefined });
  }

  cast(x: TensorHandle, type: TensorType, name?: string): TensorHandle {
    return this.append('CAST', [x], { inputType: 0, outputType: 0 }, { name, type, quantization: undefined });
  }
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
    activation: options.activation ?? 'none',
  };
}
