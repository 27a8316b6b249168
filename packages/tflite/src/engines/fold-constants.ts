import { constantData, isConstant } from '../model/constants.ts';
import { bytesPerElement, tensorArray } from '../model/tensor-types.ts';
import { elementCount, type Model, type Operator, type Tensor } from '../model/types.ts';
import type { Slot } from './reference/kernel.ts';
import { makeKernel } from './reference/kernels.ts';

/**
 * The model with every operator computed that depends on constants alone, such as the expansion of float16 weights. The
 * results become constants. Shipped versions of XNNPACK crash on operators without a computed input.
 */
export function foldConstants(model: Model): Model {
  const [subgraph] = model.subgraphs;
  const tensors: Tensor[] = [...subgraph.tensors];
  const buffers: Uint8Array[] = [...model.buffers];
  const operators: Operator[] = [];
  const current = (): Model => ({ ...model, buffers });
  for (const operator of subgraph.operators) {
    const inputs = operator.inputs.map((input) => (input === -1 ? undefined : tensors[input]));
    if (!inputs.every((tensor) => tensor === undefined || isConstant(current(), tensor))) {
      operators.push(operator);
      continue;
    }
    const outputs = operator.outputs.map((output) => newSlot(tensors[output]));
    const slots = inputs.map((tensor): Slot | undefined =>
      tensor === undefined ? undefined : { ...tensor, data: constantData(current(), tensor), constant: true },
    );
    makeKernel({ operator, inputs: slots, outputs, rounding: 'float' })();
    operator.outputs.forEach((output, i) => {
      const { data } = outputs[i];
      const buffer = buffers.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)) - 1;
      const { shapeSignature: _, ...rest } = tensors[output];
      tensors[output] = { ...rest, buffer };
    });
  }
  if (operators.length === subgraph.operators.length) return model;
  return { ...model, buffers, subgraphs: [{ ...subgraph, tensors, operators }, ...model.subgraphs.slice(1)] };
}

function newSlot(tensor: Tensor): Slot {
  const count = elementCount(tensor.shape);
  const data = tensorArray(tensor.type, new ArrayBuffer(count * bytesPerElement(tensor.type)), 0, count);
  if (data === undefined) throw new Error(`no array for ${tensor.type}`);
  return { ...tensor, data, constant: false };
}
