import { normalizeAxis } from '../../model/broadcast.ts';
import { stridedRange } from '../../model/shape-movement.ts';
import { elementCount } from '../../model/types.ts';
import type { TensorData } from '../../model/tensor-types.ts';
import { indexMap } from './index-map.ts';
import { integers, options, slot, strides, zeroPointOf, type Kernel, type KernelContext } from './kernel.ts';

/** Element access that is the same for all kinds of typed arrays. */
type Elements = Record<number, unknown>;

function elements(data: TensorData): Elements {
  return data as unknown as Elements;
}

function follow(from: TensorData, to: TensorData, map: Int32Array): Kernel {
  const source = elements(from);
  const target = elements(to);
  return () => {
    for (let i = 0; i < map.length; i++) target[i] = source[map[i]];
  };
}

/** RESHAPE, SQUEEZE and EXPAND_DIMS: the same elements in the same order. */
export function copy(context: KernelContext): Kernel {
  const from = slot(context, 0).data as Uint8Array;
  const to = context.outputs[0].data as Uint8Array;
  return () => to.set(from);
}

export function transpose(context: KernelContext): Kernel {
  const input = slot(context, 0);
  const own = strides(input.shape);
  const order = integers(slot(context, 1)).map((axis) => (axis < 0 ? axis + input.shape.length : axis));
  const [output] = context.outputs;
  return follow(
    input.data,
    output.data,
    indexMap(
      output.shape,
      order.map((axis) => own[axis]),
    ),
  );
}

export function slice(context: KernelContext): Kernel {
  const input = slot(context, 0);
  const own = strides(input.shape);
  const origin = integers(slot(context, 1)).reduce((sum, begin, d) => sum + begin * own[d], 0);
  const [output] = context.outputs;
  return follow(input.data, output.data, indexMap(output.shape, own, origin));
}

export function stridedSlice(context: KernelContext): Kernel {
  const input = slot(context, 0);
  const own = strides(input.shape);
  const [begin, end, steps] = [1, 2, 3].map((each) => integers(slot(context, each)));
  const o = options(context, 'STRIDED_SLICE');
  let origin = 0;
  const outputSteps: number[] = [];
  input.shape.forEach((dimension, d) => {
    if (d >= begin.length) {
      outputSteps.push(own[d]);
      return;
    }
    const bit = 1 << d;
    const shrink = (o.shrinkAxisMask & bit) !== 0;
    const range = stridedRange({
      dimension,
      begin: begin[d],
      end: end[d],
      stride: steps[d],
      noBegin: (o.beginMask & bit) !== 0,
      noEnd: (o.endMask & bit) !== 0,
      shrink,
    });
    origin += range.start * own[d];
    if (!shrink) outputSteps.push(own[d] * steps[d]);
  });
  const [output] = context.outputs;
  return follow(input.data, output.data, indexMap(output.shape, outputSteps, origin));
}

export function split(context: KernelContext): Kernel {
  const input = slot(context, 1);
  const own = strides(input.shape);
  const axis = normalizeAxis(integers(slot(context, 0))[0], input.shape.length) ?? 0;
  const parts = context.outputs.map((output, i) =>
    follow(input.data, output.data, indexMap(output.shape, own, i * output.shape[axis] * own[axis])),
  );
  return () => {
    for (let i = 0; i < parts.length; i++) parts[i]();
  };
}

export function concatenation(context: KernelContext): Kernel {
  const [output] = context.outputs;
  const own = strides(output.shape);
  const axis = normalizeAxis(options(context, 'CONCATENATION').axis, output.shape.length) ?? 0;
  const target = elements(output.data);
  let offset = 0;
  const parts = context.inputs.map((_, i): Kernel => {
    const input = slot(context, i);
    const map = indexMap(input.shape, own, offset * own[axis]);
    offset += input.shape[axis];
    const source = elements(input.data);
    return () => {
      for (let k = 0; k < map.length; k++) target[map[k]] = source[k];
    };
  });
  return () => {
    for (let i = 0; i < parts.length; i++) parts[i]();
  };
}

/** Pads with zero; in int8 with the zero point, which stands for it. */
export function pad(context: KernelContext): Kernel {
  const input = slot(context, 0);
  const [output] = context.outputs;
  const own = strides(output.shape);
  const paddings = integers(slot(context, 1));
  const origin = own.reduce((sum, stride, d) => sum + stride * paddings[2 * d], 0);
  const map = indexMap(input.shape, own, origin);
  const source = elements(input.data);
  const target = elements(output.data);
  const zero = input.type === 'int64' ? 0n : input.type === 'int8' ? zeroPointOf(input) : 0;
  for (let i = 0; i < output.data.length; i++) target[i] = zero;
  return () => {
    for (let i = 0; i < map.length; i++) target[map[i]] = source[i];
  };
}

/** Entries along an axis, chosen by indices. An index beyond the axis gives its first or last entry. */
export function gather(context: KernelContext): Kernel {
  const params = slot(context, 0);
  const indices = slot(context, 1).data as Int32Array | BigInt64Array;
  const [output] = context.outputs;
  const axis = normalizeAxis(options(context, 'GATHER').axis, params.shape.length) ?? 0;
  const outer = elementCount(params.shape.slice(0, axis));
  const entries = params.shape[axis];
  const inner = elementCount(params.shape.slice(axis + 1));
  const source = elements(params.data);
  const target = elements(output.data);
  return () => {
    let to = 0;
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < indices.length; i++) {
        const index = Math.min(Math.max(Number(indices[i]), 0), entries - 1);
        const from = (o * entries + index) * inner;
        for (let k = 0; k < inner; k++) target[to++] = source[from + k];
      }
    }
  };
}
