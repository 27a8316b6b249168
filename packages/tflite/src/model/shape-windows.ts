import { optionsOf, positive, rankOf, refuse, shapeOf, text, type Shape, type ShapeRequest } from './shape-request.ts';
import { elementCount } from './types.ts';
import { windowPlan } from './window.ts';

export function conv2d(request: ShapeRequest): Shape[] {
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

export function depthwiseConv2d(request: ShapeRequest): Shape[] {
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

export function pool(request: ShapeRequest): Shape[] {
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
