import type { Model, Operator } from '../model/types.ts';
import { elementCount } from '../model/types.ts';

/** Half a step of float32 at 1: by so much of itself a result is rounded at most. */
const UNIT_ROUNDOFF = 2 ** -24;

/** With independent rounding errors the bound below fails with a probability of 2 exp(-LAMBDA^2 / 2), which is 4e-22. */
const LAMBDA = 10;

/**
 * By how much two engines may differ that add the terms of the model's longest sum in different orders: lambda sqrt(n) u
 * for n terms (Higham and Mary, "A New Approach to Probabilistic Rounding Error Analysis", SIAM J. Sci. Comput. 41, 2019).
 */
export function roundingLimit(model: Model): number {
  const [{ tensors, operators }] = model.subgraphs;
  const terms = operators.map((operator) => sumLength(operator, (input) => tensors[operator.inputs[input]].shape));
  return LAMBDA * Math.sqrt(terms.reduce((most, count) => Math.max(most, count), 0)) * UNIT_ROUNDOFF;
}

/** How many products an operator adds for each of its results. */
function sumLength({ op }: Operator, shapeOf: (input: number) => readonly number[]): number {
  switch (op) {
    case 'FULLY_CONNECTED':
      return shapeOf(1).at(-1) ?? 0;
    case 'CONV_2D':
      return elementCount(shapeOf(1).slice(1));
    default:
      return 0;
  }
}
