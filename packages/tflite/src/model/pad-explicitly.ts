import type { Conv2dOptions } from './operator-options.ts';
import type { Model, Operator, Tensor } from './types.ts';
import { windowPlan } from './window.ts';

/** Amounts of padding before and after along one dimension, and whether XNNPACK computes them wrongly. */
interface Side {
  readonly before: number;
  readonly after: number;
  readonly hazard: boolean;
}

function side(input: number, filter: number, stride: number, dilation: number): Side {
  const extent = (filter - 1) * dilation + 1;
  const { output, before } = windowPlan(input, filter, stride, dilation, 'same');
  const total = (output - 1) * stride + extent - input;
  return { before, after: Math.max(0, total) - before, hazard: total < 0 };
}

/**
 * The model with `same` padding written out as PAD before convolutions whose filter is shorter than their stride.
 * XNNPACK, up to the versions in the engines here, takes the padding of such a dimension for a negative one and gives
 * wrong results without a word.
 */
export function padExplicitly(model: Model): Model {
  const [subgraph] = model.subgraphs;
  const tensors: Tensor[] = [...subgraph.tensors];
  const buffers: Uint8Array[] = [...model.buffers];
  const operators: Operator[] = [];
  for (const operator of subgraph.operators) {
    if (operator.op !== 'CONV_2D' && operator.op !== 'DEPTHWISE_CONV_2D') {
      operators.push(operator);
      continue;
    }
    const [input, filter, bias] = operator.inputs;
    const sides = hazards(tensors[input], tensors[filter], operator.options);
    if (sides === undefined) {
      operators.push(operator);
      continue;
    }
    const padded = addPadding({ tensors, buffers, operators }, input, sides, tensors[operator.outputs[0]].name);
    // `op` and `options` stay together: only padding changes, which both kinds have.
    operators.push({
      ...operator,
      inputs: [padded, filter, bias],
      options: { ...operator.options, padding: 'valid' },
    } as Operator);
  }
  if (operators.length === subgraph.operators.length && buffers.length === model.buffers.length) {
    const unchanged = operators.every((operator, i) => operator === subgraph.operators[i]);
    if (unchanged) return model;
  }
  return { ...model, buffers, subgraphs: [{ ...subgraph, tensors, operators }, ...model.subgraphs.slice(1)] };
}

function hazards(input: Tensor, filter: Tensor, o: Conv2dOptions): readonly [Side, Side] | undefined {
  if (o.padding !== 'same') return undefined;
  const height = side(input.shape[1], filter.shape[1], o.strideHeight, o.dilationHeight);
  const width = side(input.shape[2], filter.shape[2], o.strideWidth, o.dilationWidth);
  return height.hazard || width.hazard ? [height, width] : undefined;
}

interface Parts {
  readonly tensors: Tensor[];
  readonly buffers: Uint8Array[];
  readonly operators: Operator[];
}

/** Adds a PAD of `input`; gives the padded tensor, or `input` where nothing is to be added. */
function addPadding(parts: Parts, input: number, [height, width]: readonly [Side, Side], name: string): number {
  const amounts = [0, 0, height.before, height.after, width.before, width.after, 0, 0];
  if (amounts.every((amount) => amount === 0)) return input;
  const { tensors, buffers, operators } = parts;
  const source = tensors[input];
  const buffer = buffers.push(new Uint8Array(Int32Array.from(amounts).buffer)) - 1;
  const paddings =
    tensors.push({ name: `${name}/paddings`, shape: [4, 2], type: 'int32', buffer, isVariable: false }) - 1;
  const grow = (shape: readonly number[]): number[] =>
    shape.map((dimension, d) => (dimension === -1 ? -1 : dimension + amounts[2 * d] + amounts[2 * d + 1]));
  const { shapeSignature } = source;
  const padded = tensors.push({
    ...source,
    name: `${name}/padded`,
    shape: grow(source.shape),
    buffer: 0,
    isVariable: false,
    ...(shapeSignature === undefined ? {} : { shapeSignature: grow(shapeSignature) }),
  });
  const version = source.type === 'int8' ? 2 : 1;
  operators.push({ op: 'PAD', version, inputs: [input, paddings], outputs: [padded - 1], options: {} });
  return padded - 1;
}
