import type { OperatorName } from '../model/operator-options.ts';
import type { Model } from '../model/types.ts';

/** Operators that leave the values of their first inputs as they are. */
const MOVEMENTS: ReadonlySet<OperatorName> = new Set<OperatorName>(['CAST', 'CONCATENATION', 'RESHAPE', 'TRANSPOSE']);

/** Tensors whose values choose rows of a table (GATHER), as inputs of embeddings do, and how many rows there are to choose from. */
export function indexBounds(model: Model): ReadonlyMap<number, number> {
  const [{ operators, tensors }] = model.subgraphs;
  const bounds = new Map<number, number>();
  const limit = (tensor: number, bound: number): void =>
    void bounds.set(tensor, Math.min(bound, bounds.get(tensor) ?? bound));
  for (const operator of operators.toReversed()) {
    if (operator.op === 'GATHER') {
      const [table, indices] = operator.inputs;
      const { shape } = tensors[table];
      limit(indices, shape[operator.options.axis < 0 ? operator.options.axis + shape.length : operator.options.axis]);
    }
    const bound = bounds.get(operator.outputs[0]);
    if (bound === undefined || !MOVEMENTS.has(operator.op)) continue;
    for (const input of operator.op === 'CONCATENATION' ? operator.inputs : operator.inputs.slice(0, 1)) {
      limit(input, bound);
    }
  }
  return bounds;
}
