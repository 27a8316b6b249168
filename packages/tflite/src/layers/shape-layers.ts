import type { TensorHandle } from '../builder/handles.ts';
import { elementCount } from '../model/types.ts';
import { axisOption, requireChannelsLast } from './config.ts';
import { onlyInput, refuse, type ConverterCall, type LayerConverter } from './converter.ts';

function flatten(call: ConverterCall): TensorHandle {
  requireChannelsLast(call.layer);
  const x = onlyInput(call);
  return call.g.reshape(x, [-1, elementCount(x.shape.slice(1))], call.layer.name);
}

function reshape(call: ConverterCall): TensorHandle {
  const { g, layer } = call;
  const x = onlyInput(call);
  const target = layer.config['target_shape'];
  if (!Array.isArray(target) || !target.every((each) => Number.isInteger(each))) refuse(layer, 'has no target_shape');
  const wanted = target as number[];
  const total = elementCount(x.shape.slice(1));
  const known = wanted.reduce((product, dimension) => (dimension === -1 ? product : product * dimension), 1);
  const shape = wanted.map((dimension) => (dimension === -1 ? total / known : dimension));
  if (elementCount(shape) !== total)
    refuse(layer, `cannot bring [${x.shape.slice(1).join(', ')}] to [${wanted.join(', ')}]`);
  return g.reshape(x, [-1, ...shape], layer.name);
}

function permute(call: ConverterCall): TensorHandle {
  const dims = call.layer.config['dims'];
  if (!Array.isArray(dims)) refuse(call.layer, 'has no dims');
  return call.g.transpose(onlyInput(call), [0, ...(dims as number[])], call.layer.name);
}

function concatenate(call: ConverterCall): TensorHandle {
  const axis = axisOption(call.layer, call.inputs[0]?.shape.length ?? 0);
  if (axis === 0) refuse(call.layer, 'cannot concatenate along the batch');
  return call.g.concat(call.inputs, axis, call.layer.name);
}

type Merge = (call: ConverterCall, a: TensorHandle, b: TensorHandle) => TensorHandle;

/** A merge layer over two or more inputs of one rank. */
function merge(combine: Merge, finish?: (call: ConverterCall, sum: TensorHandle) => TensorHandle): LayerConverter {
  return (call) => {
    const [first, ...rest] = call.inputs;
    if (rest.length === 0) refuse(call.layer, `needs at least two inputs, got ${call.inputs.length}`);
    const odd = rest.find((each) => each.shape.length !== first.shape.length);
    if (odd !== undefined)
      refuse(call.layer, `inputs of ${first.shape.length} and ${odd.shape.length} dimensions are not supported`);
    const result = rest.reduce((sum, each) => combine(call, sum, each), first);
    return finish === undefined ? result : finish(call, result);
  };
}

const addition: Merge = ({ g }, a, b) => g.add(a, b);

export const SHAPE_CONVERTERS: Readonly<Record<string, LayerConverter>> = {
  Add: merge(addition),
  Average: merge(addition, ({ g, inputs, layer }, sum) => g.mul(sum, g.scalar(1 / inputs.length), 'none', layer.name)),
  Concatenate: concatenate,
  Flatten: flatten,
  Maximum: merge(({ g }, a, b) => g.maximum(a, b)),
  Minimum: merge(({ g }, a, b) => g.minimum(a, b)),
  Multiply: merge(({ g }, a, b) => g.mul(a, b)),
  Permute: permute,
  Reshape: reshape,
  Subtract: merge(({ g }, a, b) => g.sub(a, b)),
};
