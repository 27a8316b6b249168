import { TfliteError } from '../error.ts';
import { constantIntegers } from './constants.ts';
import { inferShapes } from './shapes.ts';
import type { Model, Tensor } from './types.ts';

/**
 * The model with the first dimension of every input of its first subgraph set to `batch`, and every computed shape
 * inferred anew. Buffers are shared with the original. Throws `TfliteError` where an operator fixes the batch, as a
 * RESHAPE to a constant shape does.
 */
export function withBatch(model: Model, batch: number): Model {
  if (!Number.isInteger(batch) || batch < 1)
    throw new TfliteError('batch', `is ${batch}, must be a whole number of at least 1`);
  const [subgraph] = model.subgraphs;
  const tensors: Tensor[] = [...subgraph.tensors];
  const reshape = (index: number, shape: readonly number[]): void => {
    const tensor = tensors[index];
    const { shapeSignature, ...rest } = tensor;
    // A signature that fixed the old size would contradict the new one.
    const signature = shapeSignature?.map((dimension, d) => (dimension === -1 ? -1 : shape[d]));
    tensors[index] = { ...rest, shape, ...(signature === undefined ? {} : { shapeSignature: signature }) };
  };
  for (const input of subgraph.inputs) {
    const { name, shape } = tensors[input];
    if (shape.length === 0) throw new TfliteError(`input ${name}`, 'is a scalar and has no batch dimension');
    reshape(input, [batch, ...shape.slice(1)]);
  }
  subgraph.operators.forEach((operator, index) => {
    const shapes = inferShapes({
      operator,
      shapes: operator.inputs.map((input) => (input === -1 ? undefined : tensors[input].shape)),
      integers: (input) => {
        const tensor = tensors[operator.inputs[input]];
        return tensor === undefined ? undefined : constantIntegers(model, tensor);
      },
    });
    if (typeof shapes === 'string')
      throw new TfliteError(`operator ${index} (${operator.op}) at batch ${batch}`, shapes);
    operator.outputs.forEach((output, i) => reshape(output, shapes[i]));
  });
  return { ...model, subgraphs: [{ ...subgraph, tensors }, ...model.subgraphs.slice(1)] };
}
