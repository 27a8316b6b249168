import { constantIntegers } from '../model/constants.ts';
import type { Model, Operator, Tensor } from '../model/types.ts';

/**
 * The model with every size of -1 in a SLICE replaced by the number that it stands for at the model's shapes. XNNPACK in
 * the WebAssembly build takes -1 for a size.
 */
export function closeSlices(model: Model): Model {
  const [subgraph] = model.subgraphs;
  const tensors: Tensor[] = [...subgraph.tensors];
  const buffers: Uint8Array[] = [...model.buffers];
  const operators = subgraph.operators.map((operator): Operator => {
    if (operator.op !== 'SLICE') return operator;
    const [, , sizeInput] = operator.inputs;
    const size = constantIntegers(model, tensors[sizeInput]) ?? [];
    if (!size.includes(-1)) return operator;
    const { shape } = tensors[operator.outputs[0]];
    const buffer = buffers.push(new Uint8Array(Int32Array.from(shape).buffer)) - 1;
    const { name } = tensors[sizeInput];
    const closed =
      tensors.push({ name: `${name}/closed`, shape: [shape.length], type: 'int32', buffer, isVariable: false }) - 1;
    return { ...operator, inputs: [operator.inputs[0], operator.inputs[1], closed] };
  });
  return { ...model, buffers, subgraphs: [{ ...subgraph, tensors, operators }, ...model.subgraphs.slice(1)] };
}
