import type { OperatorName } from './operator-options.ts';
import type { TensorType } from './tensor-types.ts';
import type { Operator, Quantization, Tensor } from './types.ts';

const FLOAT: readonly TensorType[] = ['float32'];
const FLOAT_INT8: readonly TensorType[] = ['float32', 'int8'];
const FLOAT_INT32: readonly TensorType[] = ['float32', 'int32'];
const ARITHMETIC: readonly TensorType[] = ['float32', 'int8', 'int32'];
const COMPARED: readonly TensorType[] = ['float32', 'int8', 'int32', 'int64'];
const MOVED: readonly TensorType[] = ['float32', 'int8', 'uint8', 'int32', 'int64', 'bool'];

/** Element types of the data input of each operator, where its other data inputs and its outputs have the same type. */
const SAME_TYPE: Partial<Readonly<Record<OperatorName, readonly TensorType[]>>> = {
  ABS: FLOAT,
  ADD: ARITHMETIC,
  AVERAGE_POOL_2D: FLOAT_INT8,
  CONCATENATION: MOVED,
  DIV: FLOAT_INT32,
  ELU: FLOAT_INT8,
  EXP: FLOAT,
  EXPAND_DIMS: MOVED,
  HARD_SWISH: FLOAT_INT8,
  LEAKY_RELU: FLOAT_INT8,
  LOG: FLOAT,
  LOGISTIC: FLOAT_INT8,
  LOG_SOFTMAX: FLOAT,
  MAXIMUM: COMPARED,
  MAX_POOL_2D: FLOAT_INT8,
  MEAN: FLOAT_INT8,
  MINIMUM: COMPARED,
  MUL: ARITHMETIC,
  NEG: FLOAT_INT32,
  PAD: MOVED,
  PRELU: FLOAT_INT8,
  REDUCE_MAX: FLOAT_INT8,
  REDUCE_MIN: FLOAT_INT8,
  RELU: FLOAT_INT8,
  RELU6: FLOAT_INT8,
  RELU_N1_TO_1: FLOAT_INT8,
  RESHAPE: MOVED,
  RSQRT: FLOAT,
  SLICE: MOVED,
  SOFTMAX: FLOAT_INT8,
  SPLIT: MOVED,
  SQRT: FLOAT,
  SQUARE: FLOAT,
  SQUARED_DIFFERENCE: FLOAT,
  SQUEEZE: MOVED,
  STRIDED_SLICE: MOVED,
  SUB: ARITHMETIC,
  SUM: FLOAT,
  TANH: FLOAT_INT8,
  TRANSPOSE: MOVED,
};

/** Inputs that hold positions or sizes, not data. */
const PLAN_INPUTS: Partial<Readonly<Record<OperatorName, readonly number[]>>> = {
  EXPAND_DIMS: [1],
  MEAN: [1],
  PAD: [1],
  REDUCE_MAX: [1],
  REDUCE_MIN: [1],
  RESHAPE: [1],
  SLICE: [1, 2],
  SPLIT: [0],
  STRIDED_SLICE: [1, 2, 3],
  SUM: [1],
  TRANSPOSE: [1],
};

/** Operators that copy elements or choose among them: in int8 they need one scale and zero point throughout. */
const SAME_SCALE: ReadonlySet<OperatorName> = new Set<OperatorName>([
  'CONCATENATION',
  'EXPAND_DIMS',
  'GATHER',
  'MAXIMUM',
  'MAX_POOL_2D',
  'AVERAGE_POOL_2D',
  'MINIMUM',
  'PAD',
  'REDUCE_MAX',
  'REDUCE_MIN',
  'RESHAPE',
  'SLICE',
  'SPLIT',
  'SQUEEZE',
  'STRIDED_SLICE',
  'TRANSPOSE',
]);

/** Operators whose result has steps of the product of their inputs' scales. */
const PRODUCTS: ReadonlySet<OperatorName> = new Set<OperatorName>([
  'CONV_2D',
  'DEPTHWISE_CONV_2D',
  'FULLY_CONNECTED',
  'MUL',
  'PRELU',
]);

const CASTS: readonly TensorType[] = ['float32', 'int32', 'int64', 'int8', 'uint8', 'bool'];

/** Factors between int8 scales that every kernel can express; some abort the process beyond. */
const MIN_RESCALE = 2 ** -40;
const MAX_RESCALE = 2 ** 16;

/**
 * The first factor between a step of an int8 operator's inputs and one of its output that kernels cannot express, or
 * undefined where all are fine.
 */
export function rescaleOutOfRange(
  op: OperatorName,
  inputScales: readonly number[],
  outputScale: number,
): number | undefined {
  return factors(op, inputScales, outputScale).find((factor) => !(factor > MIN_RESCALE && factor < MAX_RESCALE));
}

function factors(op: OperatorName, inputScales: readonly number[], outputScale: number): number[] {
  const steps = PRODUCTS.has(op) ? [inputScales.reduce((product, scale) => product * scale, 1)] : inputScales;
  return steps.map((step) => step / outputScale);
}

/** Factors that XNNPACK expresses, by operator: from the first to below the second. */
const XNNPACK_FACTORS: Partial<Readonly<Record<OperatorName, readonly [number, number]>>> = {
  ADD: [2 ** -10, 2 ** 8],
  MUL: [2 ** -16, 2 ** 8],
  SUB: [2 ** -10, 2 ** 8],
};

/**
 * Whether XNNPACK takes an int8 operator with these scales. One that it does not take makes TensorFlow Lite 2.9 compute the
 * whole model without it.
 */
export function isRescaleFast(op: OperatorName, inputScales: readonly number[], outputScale: number): boolean {
  const [least, most] = XNNPACK_FACTORS[op] ?? [0, Infinity];
  return factors(op, inputScales, outputScale).every((factor) => factor >= least && factor < most);
}

/** The largest scale of a quantised tensor, 0 without one. A tensor may have hundreds of thousands. */
export function largestScale(scales: readonly number[] | undefined): number {
  return (scales ?? []).reduce((most, scale) => Math.max(most, scale), 0);
}

/** Why the scales of an int8 operator are out of proportion, or undefined. */
function proportionProblem(
  operator: Operator,
  inputs: readonly (Tensor | undefined)[],
  output: Tensor,
): string | undefined {
  const largest = (tensor: Tensor | undefined): number => largestScale(tensor?.quantization?.scale);
  const integers = inputs.filter((tensor) => tensor?.type === 'int8');
  if (integers.length === 0 || output.type !== 'int8') return undefined;
  const odd = rescaleOutOfRange(operator.op, integers.map(largest), largest(output));
  if (odd === undefined) return undefined;
  return `scales are out of proportion: a step of its input is ${odd.toExponential(1)} of its output`;
}

/**
 * Why the element types or quantisation of an operator's tensors are not supported, or undefined where they are.
 * `inputs` has undefined for optional inputs that are left out.
 */
export function kernelTypeProblem(
  operator: Operator,
  inputs: readonly (Tensor | undefined)[],
  outputs: readonly Tensor[],
): string | undefined {
  return typeProblem(operator, inputs, outputs) ?? proportionProblem(operator, inputs, outputs[0]);
}

function typeProblem(
  operator: Operator,
  inputs: readonly (Tensor | undefined)[],
  outputs: readonly Tensor[],
): string | undefined {
  switch (operator.op) {
    case 'FULLY_CONNECTED':
    case 'CONV_2D':
    case 'DEPTHWISE_CONV_2D':
      return weightedProblem(operator, inputs, outputs[0]);
    case 'QUANTIZE':
      return quantizeProblem(inputs[0], outputs[0]);
    case 'DEQUANTIZE':
      return dequantizeProblem(inputs[0], outputs[0]);
    case 'CAST':
      return castProblem(inputs[0], outputs[0]);
    case 'GATHER':
      return gatherProblem(inputs, outputs[0]);
    default:
      return sameTypeProblem(operator, inputs, outputs);
  }
}

function isPerTensor(quantization: Quantization | undefined): quantization is Quantization {
  return quantization !== undefined && quantization.scale.length === 1 && quantization.zeroPoint.length === 1;
}

function needScale(tensor: Tensor | undefined): string | undefined {
  if (tensor === undefined || tensor.type !== 'int8' || isPerTensor(tensor.quantization)) return undefined;
  return `int8 tensor ${tensor.name} needs one scale and zero point`;
}

function sameTypeProblem(
  operator: Operator,
  inputs: readonly (Tensor | undefined)[],
  outputs: readonly Tensor[],
): string | undefined {
  const plan = PLAN_INPUTS[operator.op] ?? [];
  const data = inputs.filter((tensor, i): tensor is Tensor => tensor !== undefined && !plan.includes(i));
  const allowed = SAME_TYPE[operator.op] ?? [];
  const [first] = data;
  if (!allowed.includes(first.type)) return `${first.type} is not supported (${allowed.join(', ')} are)`;
  const odd = [...data, ...outputs].find((tensor) => tensor.type !== first.type);
  if (odd !== undefined) return `tensor ${odd.name} is ${odd.type}, ${first.name} is ${first.type}`;
  if (first.type !== 'int8') return undefined;
  return scaleProblem(operator, data, outputs);
}

function scaleProblem(operator: Operator, data: readonly Tensor[], outputs: readonly Tensor[]): string | undefined {
  for (const tensor of [...data, ...outputs]) {
    const problem = needScale(tensor);
    if (problem !== undefined) return problem;
  }
  if (!SAME_SCALE.has(operator.op)) return undefined;
  const [first] = data;
  const odd = [...data, ...outputs].find((tensor) => !sameQuantization(tensor.quantization, first.quantization));
  return odd === undefined ? undefined : `tensors ${first.name} and ${odd.name} need the same scale and zero point`;
}

function sameQuantization(a: Quantization | undefined, b: Quantization | undefined): boolean {
  return a?.scale[0] === b?.scale[0] && a?.zeroPoint[0] === b?.zeroPoint[0];
}

/** Float, int8 throughout with int32 bias, or float with int8 weights (dynamic range). */
function weightedProblem(
  operator: Operator,
  inputs: readonly (Tensor | undefined)[],
  output: Tensor,
): string | undefined {
  const [input, weights, bias] = inputs;
  if (input === undefined || weights === undefined) return 'input or weights are missing';
  const kinds = `${input.type}, ${weights.type}, ${bias?.type ?? 'none'} -> ${output.type}`;
  const float =
    input.type === 'float32' && output.type === 'float32' && (bias === undefined || bias.type === 'float32');
  if (float && weights.type === 'float32') return undefined;
  const int8Weights = weights.type === 'int8';
  const quantized = input.type === 'int8' && output.type === 'int8' && (bias === undefined || bias.type === 'int32');
  if (!int8Weights || !(float || quantized)) return `types ${kinds} (input, weights, bias) are not supported`;
  if (float && operator.op !== 'FULLY_CONNECTED') return `types ${kinds} (input, weights, bias) are not supported`;
  return weightScaleProblem(operator, weights) ?? needScale(input) ?? needScale(output);
}

function weightScaleProblem(operator: Operator, weights: Tensor): string | undefined {
  const { quantization } = weights;
  if (quantization === undefined || quantization.scale.length === 0)
    return `int8 weights ${weights.name} have no scale`;
  if (quantization.zeroPoint.some((zeroPoint) => zeroPoint !== 0))
    return `weights ${weights.name} have a zero point other than 0`;
  const channels = quantization.scale.length;
  if (channels === 1) return undefined;
  if (operator.op === 'FULLY_CONNECTED') {
    // Older runtimes take such weights for per-tensor ones and compute nonsense without a word.
    return `weights ${weights.name} are quantised per channel; FULLY_CONNECTED needs one scale`;
  }
  const dimension = operator.op === 'CONV_2D' ? 0 : 3;
  if (quantization.quantizedDimension !== dimension)
    return `weights ${weights.name} must be quantised along dimension ${dimension}`;
  return undefined;
}

function quantizeProblem(input: Tensor | undefined, output: Tensor): string | undefined {
  if (input === undefined) return 'input is missing';
  const fits = (input.type === 'float32' || input.type === 'int8') && output.type === 'int8';
  if (!fits) return `${input.type} -> ${output.type} is not supported (float32 -> int8 and int8 -> int8 are)`;
  return needScale(input) ?? needScale(output);
}

function dequantizeProblem(input: Tensor | undefined, output: Tensor): string | undefined {
  if (input === undefined) return 'input is missing';
  const fits = (input.type === 'int8' || input.type === 'float16') && output.type === 'float32';
  if (!fits) return `${input.type} -> ${output.type} is not supported (int8 and float16 -> float32 are)`;
  return needScale(input);
}

function castProblem(input: Tensor | undefined, output: Tensor): string | undefined {
  if (input !== undefined && CASTS.includes(input.type) && CASTS.includes(output.type)) return undefined;
  return `${input?.type ?? 'nothing'} -> ${output.type} is not supported (${CASTS.join(', ')} are)`;
}

function gatherProblem(inputs: readonly (Tensor | undefined)[], output: Tensor): string | undefined {
  const [params, indices] = inputs;
  if (params === undefined || indices === undefined) return 'an input is missing';
  if (!MOVED.includes(params.type) || params.type !== output.type)
    return `${params.type} -> ${output.type} is not supported`;
  if (indices.type !== 'int32' && indices.type !== 'int64')
    return `indices are ${indices.type}, must be int32 or int64`;
  if (params.type !== 'int8') return undefined;
  if (sameQuantization(params.quantization, output.quantization)) return needScale(params);
  return `tensors ${params.name} and ${output.name} need the same scale and zero point`;
}
