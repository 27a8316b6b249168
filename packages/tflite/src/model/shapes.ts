import { broadcastShape, sameShape } from './broadcast.ts';
import type { OperatorName } from './operator-options.ts';
import {
  concatenation,
  expandDims,
  gather,
  pad,
  reshape,
  slice,
  split,
  squeeze,
  stridedSlice,
  transpose,
} from './shape-movement.ts';
import {
  axisOf,
  integersOf,
  optionsOf,
  rankOf,
  refuse,
  ShapeProblem,
  shapeOf,
  text,
  type Shape,
  type ShapeRequest,
} from './shape-request.ts';
import { conv2d, depthwiseConv2d, pool } from './shape-windows.ts';
import { elementCount } from './types.ts';

/** The shapes of an operator's outputs, or one line that says why its inputs do not fit. */
export function inferShapes(request: ShapeRequest): readonly Shape[] | string {
  try {
    return RULES[request.operator.op](request);
  } catch (error) {
    if (error instanceof ShapeProblem) return error.message;
    throw error;
  }
}

function same(request: ShapeRequest): Shape[] {
  return [shapeOf(request, 0)];
}

function broadcast(request: ShapeRequest): Shape[] {
  const a = shapeOf(request, 0);
  const b = shapeOf(request, 1);
  return [broadcastShape(a, b) ?? refuse(`shapes ${text(a)} and ${text(b)} do not broadcast`)];
}

function reduce(request: ShapeRequest): Shape[] {
  const shape = shapeOf(request, 0);
  const axes = new Set(integersOf(request, 1).map((axis) => axisOf(axis, shape.length)));
  const { keepDims } = optionsOf(request, 'SUM');
  if (keepDims) return [shape.map((dimension, i) => (axes.has(i) ? 1 : dimension))];
  return [shape.filter((_, i) => !axes.has(i))];
}

function fullyConnected(request: ShapeRequest): Shape[] {
  const input = shapeOf(request, 0);
  const weights = rankOf(shapeOf(request, 1), 2, 'weights');
  const options = optionsOf(request, 'FULLY_CONNECTED');
  if (options.weightsFormat !== 0) refuse('shuffled weights are not supported');
  const [units, width] = weights;
  const bias = request.shapes[2];
  if (bias !== undefined && elementCount(bias) !== units)
    refuse(`bias has shape ${text(bias)}, weights ${text(weights)}`);
  if (options.keepNumDims) {
    if (input.length === 0 || input.at(-1) !== width)
      refuse(`input ${text(input)} does not fit weights ${text(weights)}`);
    return [[...input.slice(0, -1), units]];
  }
  const count = elementCount(input);
  if (width === 0 || count % width !== 0) refuse(`input ${text(input)} does not fit weights ${text(weights)}`);
  return [[count / width, units]];
}

function prelu(request: ShapeRequest): Shape[] {
  const input = shapeOf(request, 0);
  const [result] = broadcast(request);
  if (!sameShape(result, input)) refuse(`slopes ${text(shapeOf(request, 1))} do not broadcast to ${text(input)}`);
  return [input];
}

const RULES: Readonly<Record<OperatorName, (request: ShapeRequest) => readonly Shape[]>> = {
  ABS: same,
  ADD: broadcast,
  AVERAGE_POOL_2D: pool,
  CAST: same,
  CONCATENATION: concatenation,
  CONV_2D: conv2d,
  DEPTHWISE_CONV_2D: depthwiseConv2d,
  DEQUANTIZE: same,
  DIV: broadcast,
  ELU: same,
  EXP: same,
  EXPAND_DIMS: expandDims,
  FULLY_CONNECTED: fullyConnected,
  GATHER: gather,
  HARD_SWISH: same,
  LEAKY_RELU: same,
  LOG: same,
  LOGISTIC: same,
  LOG_SOFTMAX: same,
  MAXIMUM: broadcast,
  MAX_POOL_2D: pool,
  MEAN: reduce,
  MINIMUM: broadcast,
  MUL: broadcast,
  NEG: same,
  PAD: pad,
  PRELU: prelu,
  QUANTIZE: same,
  REDUCE_MAX: reduce,
  REDUCE_MIN: reduce,
  RELU: same,
  RELU6: same,
  RELU_N1_TO_1: same,
  RESHAPE: reshape,
  RSQRT: same,
  SLICE: slice,
  SOFTMAX: same,
  SPLIT: split,
  SQRT: same,
  SQUARE: same,
  SQUARED_DIFFERENCE: broadcast,
  SQUEEZE: squeeze,
  STRIDED_SLICE: stridedSlice,
  SUB: broadcast,
  SUM: reduce,
  TANH: same,
  TRANSPOSE: transpose,
};
