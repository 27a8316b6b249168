/** Activation that a kernel applies to its own output. */
export type FusedActivation = 'none' | 'relu' | 'relu_n1_to_1' | 'relu6' | 'tanh' | 'sign_bit';

/** How a window operator treats the border. */
export type Padding = 'same' | 'valid';

export interface NoOptions {
  readonly [field: string]: never;
}

export interface FullyConnectedOptions {
  readonly activation: FusedActivation;
  readonly weightsFormat: number;
  readonly keepNumDims: boolean;
  readonly asymmetricQuantizeInputs: boolean;
}

/** ADD and SUB. */
export interface AdditiveOptions {
  readonly activation: FusedActivation;
  readonly potScaleInt16: boolean;
}

/** MUL and DIV. */
export interface MultiplicativeOptions {
  readonly activation: FusedActivation;
}

export interface ConcatenationOptions {
  readonly axis: number;
  readonly activation: FusedActivation;
}

export interface Conv2dOptions {
  readonly padding: Padding;
  readonly strideWidth: number;
  readonly strideHeight: number;
  readonly activation: FusedActivation;
  readonly dilationWidth: number;
  readonly dilationHeight: number;
}

export interface DepthwiseConv2dOptions extends Conv2dOptions {
  readonly depthMultiplier: number;
}

export interface Pool2dOptions {
  readonly padding: Padding;
  readonly strideWidth: number;
  readonly strideHeight: number;
  readonly filterWidth: number;
  readonly filterHeight: number;
  readonly activation: FusedActivation;
}

export interface ReshapeOptions {
  readonly newShape: readonly number[];
}

export interface SoftmaxOptions {
  readonly beta: number;
}

export interface LeakyReluOptions {
  readonly alpha: number;
}

export interface ReducerOptions {
  readonly keepDims: boolean;
}

export interface GatherOptions {
  readonly axis: number;
  readonly batchDims: number;
}

export interface SplitOptions {
  readonly numSplits: number;
}

export interface StridedSliceOptions {
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
  readonly offset: boolean;
}

/** Types by schema code; TFLite reads the tensors' own types and ignores these. */
export interface CastOptions {
  readonly inputType: number;
  readonly outputType: number;
}

export interface SqueezeOptions {
  readonly squeezeDims: readonly number[];
}

/** The options of every operator that this package reads, writes and runs. */
export interface OperatorOptions {
  readonly ABS: NoOptions;
  readonly ADD: AdditiveOptions;
  readonly AVERAGE_POOL_2D: Pool2dOptions;
  readonly CAST: CastOptions;
  readonly CONCATENATION: ConcatenationOptions;
  readonly CONV_2D: Conv2dOptions;
  readonly DEPTHWISE_CONV_2D: DepthwiseConv2dOptions;
  readonly DEQUANTIZE: NoOptions;
  readonly DIV: MultiplicativeOptions;
  readonly ELU: NoOptions;
  readonly EXP: NoOptions;
  readonly EXPAND_DIMS: NoOptions;
  readonly FULLY_CONNECTED: FullyConnectedOptions;
  readonly GATHER: GatherOptions;
  readonly HARD_SWISH: NoOptions;
  readonly LEAKY_RELU: LeakyReluOptions;
  readonly LOG: NoOptions;
  readonly LOGISTIC: NoOptions;
  readonly LOG_SOFTMAX: NoOptions;
  readonly MAXIMUM: NoOptions;
  readonly MAX_POOL_2D: Pool2dOptions;
  readonly MEAN: ReducerOptions;
  readonly MINIMUM: NoOptions;
  readonly MUL: MultiplicativeOptions;
  readonly NEG: NoOptions;
  readonly PAD: NoOptions;
  readonly PRELU: NoOptions;
  readonly QUANTIZE: NoOptions;
  readonly REDUCE_MAX: ReducerOptions;
  readonly REDUCE_MIN: ReducerOptions;
  readonly RELU: NoOptions;
  readonly RELU6: NoOptions;
  readonly RELU_N1_TO_1: NoOptions;
  readonly RESHAPE: ReshapeOptions;
  readonly RSQRT: NoOptions;
  readonly SLICE: NoOptions;
  readonly SOFTMAX: SoftmaxOptions;
  readonly SPLIT: SplitOptions;
  readonly SQRT: NoOptions;
  readonly SQUARE: NoOptions;
  readonly SQUARED_DIFFERENCE: NoOptions;
  readonly SQUEEZE: SqueezeOptions;
  readonly STRIDED_SLICE: StridedSliceOptions;
  readonly SUB: AdditiveOptions;
  readonly SUM: ReducerOptions;
  readonly TANH: NoOptions;
  readonly TRANSPOSE: NoOptions;
}

export type OperatorName = keyof OperatorOptions;
