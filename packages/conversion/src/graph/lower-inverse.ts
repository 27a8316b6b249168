import type { GraphBuilder, TensorHandle } from '@edgeguard/tflite/builder';
import type { TransformDocument } from '@edgeguard/contracts';
import { type InverseConstants, inverseConstants } from '@edgeguard/transform';
import { columns } from './columns.ts';
import { dense } from './dense.ts';
import { Matrix } from './matrix.ts';

/** Values of a one-hot block nearer to the largest than this count as equal to it. */
const TIE = 2 ** -20;

/**
 * Writes the way back from a reconstruction [batch, D] to raw units [batch, F]: saturate, inverse affine, exp(y) - 1 for
 * logarithmic features, and the code of the largest value for categories (0 where none reaches a half; between equal
 * values their mean code).
 */
export function lowerInverse(
  g: GraphBuilder,
  reconstruction: TensorHandle,
  transform: TransformDocument,
): TensorHandle {
  const constants = inverseConstants(transform);
  const inputCount = transform.outputs.length;
  const features = constants.first.map((_, f) => f);
  const numbers = features.filter((f) => !constants.category[f]);
  const terms: TensorHandle[] = [];
  if (numbers.length > 0) {
    const low = new Float32Array(inputCount);
    const high = new Float32Array(inputCount);
    for (const f of numbers) {
      low[constants.first[f]!] = constants.low[f]!;
      high[constants.first[f]!] = constants.high[f]!;
    }
    // Categories are cut to 0 here, and so take no part.
    const inside = g.minimum(g.maximum(reconstruction, g.row('expected/low', low)), g.row('expected/high', high));
    terms.push(...numberTerms(g, inside, constants, numbers));
  }
  for (const f of features) {
    if (constants.category[f])
      terms.push(categoryTerm(g, reconstruction, constants.first[f]!, constants.size[f]!, f, features.length));
  }
  return terms.reduce((sum, term) => g.add(sum, term));
}

function numberTerms(
  g: GraphBuilder,
  inside: TensorHandle,
  constants: InverseConstants,
  numbers: readonly number[],
): TensorHandle[] {
  const count = constants.first.length;
  const linear = numbers.filter((f) => constants.scale[f] === 0);
  const logarithmic = numbers.filter((f) => constants.scale[f]! > 0);
  const affine = (which: readonly number[], name: string): TensorHandle => {
    const weights = new Matrix(count, inside.shape[1]!);
    const bias = new Float32Array(count);
    for (const f of which) {
      weights.set(f, constants.first[f]!, constants.multiply[f]!);
      bias[f] = constants.add[f]!;
    }
    return dense(g, inside, weights, bias, name);
  };
  const terms: TensorHandle[] = [];
  if (linear.length > 0) terms.push(affine(linear, 'expected/linear'));
  if (logarithmic.length > 0) {
    // Elsewhere the exponent is 0, and exp(0) - 1 adds nothing.
    const grown = g.sub(g.exp(affine(logarithmic, 'expected/log')), g.scalar(1));
    terms.push(g.mul(grown, g.row('expected/scale', Float32Array.from(constants.scale))));
  }
  return terms;
}

/** Writes the code of the largest of `size` columns into column `feature` of [batch, F]; the other columns are 0. */
function categoryTerm(
  g: GraphBuilder,
  reconstruction: TensorHandle,
  first: number,
  size: number,
  feature: number,
  featureCount: number,
): TensorHandle {
  const name = `expected/category_${feature}`;
  const block = columns(g, reconstruction, first, first + size, name);
  const largest = g.maximum(g.reduceMax(block, [1], true), g.scalar(0.5));
  // 1 where a value is the largest, 0 where it is smaller by more than a tie.
  const below = g.mul(g.sub(largest, block), g.scalar(1 / TIE));
  const chosen = g.sub(g.scalar(1), below, 'relu', `${name}/chosen`);
  const codes = new Matrix(1, size);
  const ones = new Matrix(1, size);
  for (let k = 0; k < size; k++) {
    codes.set(0, k, k + 1);
    ones.set(0, k, 1);
  }
  const total = dense(g, chosen, codes, undefined, `${name}/codes`);
  const many = g.maximum(dense(g, chosen, ones, undefined, `${name}/many`), g.scalar(1));
  const column = new Matrix(featureCount, 1);
  column.set(feature, 0, 1);
  return dense(g, g.div(total, many), column, undefined, `${name}/column`);
}
