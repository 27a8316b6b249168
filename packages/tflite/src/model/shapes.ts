import { broadcastShape, normalizeAxis, sameShape } from './broadcast.ts';
import type { OperatorName, OperatorOptions } from './operator-options.ts';
import type { Operator } from './types.ts';
import { elementCount } from './types.ts';
import { windowPlan } from './window.ts';

type Shape = readonly number[];

const MAX_STRIDE = 65_536;

/** What shape inference may ask about the operator in hand. */
export interface ShapeRequest {
  readonly operator: Operator;
  /** Shapes of the inputs; undefined for an optional input that is left out. */
  readonly shapes: readonly (Shape | undefined)[];
  /** The values of a constant integer input, or undefined. */
  readonly integers: (input: number) => readonly number[] | undefined;
}

class ShapeProblem extends Error {}

function refuse(problem: string): never {
  throw new ShapeProblem(problem);
}

/** The shapes of an operator's outputs, or one line that says why its inputs do not fit. */
export function inferShapes(request: ShapeRequest): readonly Shape[] | string {
  try {
    return RULES[request.operator.op](request);
  } catch (error) {
    if (error instanceof ShapeProblem) return error.message;
    throw error;
  }
}

function shapeOf(request: ShapeRequest, input: number): Shape {
  return request.shapes[input] ?? refuse(`input ${input} is missing`);
}

function integersOf(request: ShapeRequest, input: number): readonly number[] {
  return request.integers(input) ?? refuse(`input ${input} must be a constant int32 or int64 tensor`);
}

function optionsOf<Name extends OperatorName>(request: ShapeRequest, _name: Name): OperatorOptions[Name] {
  // Only called from the rules of operators that have the options of `_name`.
  return request.operator.options as unknown as OperatorOptions[Name];
}

function text(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

function same(request: ShapeRequest): Shape[] {
  return [shapeOf(request, 0)];
}

function broadcast(request: ShapeRequest): Shape[] {
  const a = shapeOf(request, 0);
  const b = shapeOf(request, 1);
  return [broadcastShape(a, b) ?? refuse(`shapes ${text(a)} and ${text(b)} do not broadcast`)];
}

function axisOf(axis: number, rank: number): number {
  return normalizeAxis(axis, rank) ?? refuse(`axis ${axis} does not exist in ${rank} dimensions`);
}

function rankOf(shape: Shape, rank: number, what: string): Shape {
  if (shape.length !== rank) refuse(`${what} must have ${rank} dimensions, has shape ${text(shape)}`);
  return shape;
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

/** Options that move a window: kernels multiply them with sizes in 32 bits. */
function positive(values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value < 1 || value > MAX_STRIDE) refuse(`${name} is ${value}, must be from 1 to ${MAX_STRIDE}`);
  }
}

function conv2d(request: ShapeRequest): Shape[] {
  const input = rankOf(shapeOf(request, 0), 4, 'input');
  const filter = rankOf(shapeOf(request, 1), 4, 'filter');
  const o = optionsOf(request, 'CONV_2D');
  positive({
    strideWidth: o.strideWidth,
    strideHeight: o.strideHeight,
    dilationWidth: o.dilationWidth,
    dilationHeight: o.dilationHeight,
  });
  if (filter.includes(0)) refuse(`filter has shape ${text(filter)}`);
  if (input[3] !== filter[3]) refuse(`input ${text(input)} and filter ${text(filter)} differ in channels`);
  checkBias(request, filter[0]);
  const height = windowPlan(input[1], filter[1], o.strideHeight, o.dilationHeight, o.padding).output;
  const width = windowPlan(input[2], filter[2], o.strideWidth, o.dilationWidth, o.padding).output;
  return [nonEmptyWindow([input[0], height, width, filter[0]], input, filter)];
}

function depthwiseConv2d(request: ShapeRequest): Shape[] {
  const input = rankOf(shapeOf(request, 0), 4, 'input');
  const filter = rankOf(shapeOf(request, 1), 4, 'filter');
  const o = optionsOf(request, 'DEPTHWISE_CONV_2D');
  positive({
    strideWidth: o.strideWidth,
    strideHeight: o.strideHeight,
    dilationWidth: o.dilationWidth,
    dilationHeight: o.dilationHeight,
    depthMultiplier: o.depthMultiplier,
  });
  if (filter.includes(0)) refuse(`filter has shape ${text(filter)}`);
  if (filter[0] !== 1 || filter[3] !== input[3] * o.depthMultiplier) {
    refuse(`input ${text(input)}, filter ${text(filter)} and depth multiplier ${o.depthMultiplier} do not fit`);
  }
  checkBias(request, filter[3]);
  const height = windowPlan(input[1], filter[1], o.strideHeight, o.dilationHeight, o.padding).output;
  const width = windowPlan(input[2], filter[2], o.strideWidth, o.dilationWidth, o.padding).output;
  return [nonEmptyWindow([input[0], height, width, filter[3]], input, filter)];
}

function checkBias(request: ShapeRequest, channels: number): void {
  const bias = request.shapes[2];
  if (bias !== undefined && elementCount(bias) !== channels)
    refuse(`bias has shape ${text(bias)} for ${channels} channels`);
}

function nonEmptyWindow(shape: Shape, input: Shape, filter: Shape): Shape {
  if (input[1] > 0 && input[2] > 0 && (shape[1] < 1 || shape[2] < 1)) {
    refuse(`the window ${text(filter)} is larger than the input ${text(input)}`);
  }
  return shape;
}

function pool(request: ShapeRequest): Shape[] {
  const input = rankOf(shapeOf(request, 0), 4, 'input');
  const o = optionsOf(request, 'AVERAGE_POOL_2D');
  positive({
    strideWidth: o.strideWidth,
    strideHeight: o.strideHeight,
    filterWidth: o.filterWidth,
    filterHeight: o.filterHeight,
  });
  const height = windowPlan(input[1], o.filterHeight, o.strideHeight, 1, o.padding).output;
  const width = windowPlan(input[2], o.filterWidth, o.strideWidth, 1, o.padding).output;
  return [nonEmptyWindow([input[0], height, width, input[3]], input, [o.filterHeight, o.filterWidth])];
}

function concatenation(request: ShapeRequest): Shape[] {
  const first = shapeOf(request, 0);
  const options = optionsOf(request, 'CONCATENATION');
  const axis = axisOf(options.axis, first.length);
  let total = 0;
  for (let i = 0; i < request.shapes.length; i++) {
    const shape = shapeOf(request, i);
    const fits = shape.length === first.length && shape.every((dimension, d) => d === axis || dimension === first[d]);
    if (!fits) refuse(`shapes ${text(first)} and ${text(shape)} do not concatenate along axis ${axis}`);
    total += shape[axis];
  }
  return [first.map((dimension, d) => (d === axis ? total : dimension))];
}

function split(request: ShapeRequest): Shape[] {
  const shape = shapeOf(request, 1);
  const axes = integersOf(request, 0);
  if (axes.length !== 1) refuse('the axis must be one number');
  const axis = axisOf(axes[0], shape.length);
  const { numSplits } = optionsOf(request, 'SPLIT');
  const { length } = request.operator.outputs;
  if (numSplits !== length) refuse(`numSplits is ${numSplits} but there are ${length} outputs`);
  if (shape[axis] % numSplits !== 0) refuse(`axis ${axis} of ${text(shape)} does not split into ${numSplits}`);
  const part = shape.map((dimension, d) => (d === axis ? dimension / numSplits : dimension));
  return request.operator.outputs.map(() => part);
}

function slice(request: ShapeRequest): Shape[] {
  const shape = shapeOf(request, 0);
  const begin = integersOf(request, 1);
  const size = integersOf(request, 2);
  if (begin.length !== shape.length || size.length !== shape.length)
    refuse(`begin and size must have ${shape.length} values`);
  return [
    shape.map((dimension, d) => {
      const length = size[d] === -1 ? dimension - begin[d] : size[d];
      if (begin[d] < 0 || length < 0 || begin[d] + length > dimension)
        refuse(`slice leaves ${text(shape)} at dimension ${d}`);
      return length;
    }),
  ];
}

/** First index and number of steps of a strided slice along one dimension. */
export function stridedRange(request: {
  dimension: number;
  begin: number;
  end: number;
  stride: number;
  noBegin: boolean;
  noEnd: boolean;
  shrink: boolean;
}): { start: number; length: number } {
  const { dimension, begin, end, stride, noBegin, noEnd, shrink } = request;
  const wrap = (index: number): number => (index < 0 ? index + dimension : index);
  const clamp = (index: number, low: number, high: number): number => Math.min(Math.max(index, low), high);
  if (shrink) return { start: wrap(begin), length: 1 };
  if (stride > 0) {
    const start = noBegin ? 0 : clamp(wrap(begin), 0, dimension);
    const stop = noEnd ? dimension : clamp(wrap(end), 0, dimension);
    return { start, length: Math.max(0, Math.ceil((stop - start) / stride)) };
  }
  const start = noBegin ? dimension - 1 : clamp(wrap(begin), -1, dimension - 1);
  const stop = noEnd ? -1 : clamp(wrap(end), -1, dimension - 1);
  return { start, length: Math.max(0, Math.ceil((stop - start) / stride)) };
}

function stridedSlice(request: ShapeRequest): Shape[] {
  const shape = shapeOf(request, 0);
  const [begin, end, strides] = [1, 2, 3].map((input) => integersOf(request, input));
  const o = optionsOf(request, 'STRIDED_SLICE');
  if (o.ellipsisMask !== 0 || o.newAxisMask !== 0 || o.offset)
    refuse('ellipsis, new axis and offset are not supported');
  if (begin.length > shape.length || begin.length !== end.length || begin.length !== strides.length) {
    refuse('begin, end and strides must have one value for each leading dimension');
  }
  const result: number[] = [];
  shape.forEach((dimension, d) => {
    if (d >= begin.length) {
      result.push(dimension);
      return;
    }
    // Kernels add strides to indices in 32 bits: huge ones wrap around and read elsewhere.
    if (strides[d] === 0 || Math.abs(strides[d]) > MAX_STRIDE) refuse(`the stride of dimension ${d} is ${strides[d]}`);
    const bit = 1 << d;
    const shrink = (o.shrinkAxisMask & bit) !== 0;
    const range = stridedRange({
      dimension,
      begin: begin[d],
      end: end[d],
      stride: strides[d],
      noBegin: (o.beginMask & bit) !== 0,
      noEnd: (o.endMask & bit) !== 0,
      shrink,
    });
    if (!shrink) result.push(range.length);
    else if (range.start < 0 || range.start >= dimension) refuse(`index ${begin[d]} lies outside of dimension ${d}`);
  });
  return [result];
}

function gather(request: ShapeRequest): Shape[] {
  const params = shapeOf(request, 0);
  const indices = shapeOf(request, 1);
  const options = optionsOf(request, 'GATHER');
  const axis = axisOf(options.axis, params.length);
  if (options.batchDims !== 0) refuse('batchDims is not supported');
  if (params[axis] === 0) refuse(`axis ${axis} has no entries`);
  const constant = request.integers(1);
  const outside = constant?.find((index) => index < 0 || index >= params[axis]);
  if (outside !== undefined) refuse(`index ${outside} lies outside of axis ${axis} with ${params[axis]} entries`);
  return [[...params.slice(0, axis), ...indices, ...params.slice(axis + 1)]];
}

function reshape(request: ShapeRequest): Shape[] {
  const shape = shapeOf(request, 0);
  const wanted = request.shapes.length > 1 ? integersOf(request, 1) : optionsOf(request, 'RESHAPE').newShape;
  const count = elementCount(shape);
  const known = wanted.reduce((product, dimension) => (dimension === -1 ? product : product * dimension), 1);
  const open = wanted.filter((dimension) => dimension === -1).length;
  if (wanted.some((dimension) => dimension < -1) || open > 1) refuse(`new shape ${text(wanted)} is impossible`);
  if (open === 0 ? known !== count : known === 0 || count % known !== 0) {
    refuse(`${text(shape)} does not reshape to ${text(wanted)}`);
  }
  return [wanted.map((dimension) => (dimension === -1 ? count / known : dimension))];
}

function squeeze(request: ShapeRequest): Shape[] {
  const shape = shapeOf(request, 0);
  const dims = optionsOf(request, 'SQUEEZE').squeezeDims.map((axis) => axisOf(axis, shape.length));
  const bad = dims.find((axis) => shape[axis] !== 1);
  if (bad !== undefined) refuse(`dimension ${bad} of ${text(shape)} is not 1`);
  return [shape.filter((dimension, d) => (dims.length === 0 ? dimension !== 1 : !dims.includes(d)))];
}

function expandDims(request: ShapeRequest): Shape[] {
  const shape = shapeOf(request, 0);
  const axes = integersOf(request, 1);
  if (axes.length !== 1) refuse('the axis must be one number');
  const axis = axisOf(axes[0], shape.length + 1);
  return [shape.toSpliced(axis, 0, 1)];
}

function transpose(request: ShapeRequest): Shape[] {
  const shape = shapeOf(request, 0);
  const order = integersOf(request, 1);
  const seen = new Set(order.map((axis) => axisOf(axis, shape.length)));
  if (order.length !== shape.length || seen.size !== shape.length) refuse(`${text(order)} is no permutation`);
  return [order.map((axis) => shape[axisOf(axis, shape.length)])];
}

function pad(request: ShapeRequest): Shape[] {
  const shape = shapeOf(request, 0);
  const paddings = integersOf(request, 1);
  if (!sameShape(shapeOf(request, 1), [shape.length, 2])) refuse(`paddings must have shape [${shape.length}, 2]`);
  if (paddings.some((amount) => amount < 0)) refuse('paddings must not be negative');
  return [shape.map((dimension, d) => dimension + paddings[2 * d] + paddings[2 * d + 1])];
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
