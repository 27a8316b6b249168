import { sameShape } from './broadcast.ts';
import {
  axisOf,
  integersOf,
  MAX_STRIDE,
  optionsOf,
  refuse,
  shapeOf,
  text,
  type Shape,
  type ShapeRequest,
} from './shape-request.ts';
import { elementCount } from './types.ts';

export function concatenation(request: ShapeRequest): Shape[] {
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

export function split(request: ShapeRequest): Shape[] {
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

export function slice(request: ShapeRequest): Shape[] {
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

export function stridedSlice(request: ShapeRequest): Shape[] {
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

export function gather(request: ShapeRequest): Shape[] {
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

export function reshape(request: ShapeRequest): Shape[] {
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

export function squeeze(request: ShapeRequest): Shape[] {
  const shape = shapeOf(request, 0);
  const dims = optionsOf(request, 'SQUEEZE').squeezeDims.map((axis) => axisOf(axis, shape.length));
  const bad = dims.find((axis) => shape[axis] !== 1);
  if (bad !== undefined) refuse(`dimension ${bad} of ${text(shape)} is not 1`);
  return [shape.filter((dimension, d) => (dims.length === 0 ? dimension !== 1 : !dims.includes(d)))];
}

export function expandDims(request: ShapeRequest): Shape[] {
  const shape = shapeOf(request, 0);
  const axes = integersOf(request, 1);
  if (axes.length !== 1) refuse('the axis must be one number');
  const axis = axisOf(axes[0], shape.length + 1);
  return [shape.toSpliced(axis, 0, 1)];
}

export function transpose(request: ShapeRequest): Shape[] {
  const shape = shapeOf(request, 0);
  const order = integersOf(request, 1);
  const seen = new Set(order.map((axis) => axisOf(axis, shape.length)));
  if (order.length !== shape.length || seen.size !== shape.length) refuse(`${text(order)} is no permutation`);
  return [order.map((axis) => shape[axisOf(axis, shape.length)])];
}

export function pad(request: ShapeRequest): Shape[] {
  const shape = shapeOf(request, 0);
  const paddings = integersOf(request, 1);
  if (!sameShape(shapeOf(request, 1), [shape.length, 2])) refuse(`paddings must have shape [${shape.length}, 2]`);
  if (paddings.some((amount) => amount < 0)) refuse('paddings must not be negative');
  return [shape.map((dimension, d) => dimension + paddings[2 * d] + paddings[2 * d + 1])];
}
