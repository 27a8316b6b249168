import { normalizeAxis } from '../model/broadcast.ts';
import { isConstant } from '../model/constants.ts';
import type { Model, Operator, Tensor } from '../model/types.ts';

/**
 * The model with computed indices of GATHER limited to what there is, as the reference engine limits them: the native
 * kernel reads any memory that an index beyond its table points at.
 */
export function clampIndices(model: Model): Model {
  const [subgraph] = model.subgraphs;
  const tensors: Tensor[] = [...subgraph.tensors];
  const buffers: Uint8Array[] = [...model.buffers];
  const constant = (name: string, type: 'int32' | 'int64', value: number): number => {
    const data = type === 'int32' ? Int32Array.of(value) : BigInt64Array.of(BigInt(value));
    const buffer = buffers.push(new Uint8Array(data.buffer)) - 1;
    return tensors.push({ name, shape: [1], type, buffer, isVariable: false }) - 1;
  };
  const operators = subgraph.operators.flatMap((operator): readonly Operator[] => {
    if (operator.op !== 'GATHER') return [operator];
    const [params, indices] = operator.inputs;
    const { shape, type } = tensors[indices];
    if (isConstant(model, tensors[indices]) || (type !== 'int32' && type !== 'int64') || shape.length === 0)
      return [operator];
    const axis = normalizeAxis(operator.options.axis, tensors[params].shape.length) ?? 0;
    const { name } = tensors[operator.outputs[0]];
    const add = (part: string): number => tensors.push({ ...tensors[indices], name: `${name}/${part}`, buffer: 0 }) - 1;
    const [low, high] = [add('indices_from_0'), add('indices_in_table')];
    const zero = constant(`${name}/first`, type, 0);
    const last = constant(`${name}/last`, type, tensors[params].shape[axis] - 1);
    return [
      { op: 'MAXIMUM', version: 1, inputs: [indices, zero], outputs: [low], options: {} },
      { op: 'MINIMUM', version: 1, inputs: [low, last], outputs: [high], options: {} },
      { ...operator, inputs: [params, high] },
    ];
  });
  if (operators.length === subgraph.operators.length) return model;
  return { ...model, buffers, subgraphs: [{ ...subgraph, tensors, operators }, ...model.subgraphs.slice(1)] };
}
