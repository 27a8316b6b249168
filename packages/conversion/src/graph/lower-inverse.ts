import type { GraphBuilder, TensorHandle } from '@edgeguard/tflite/builder';
import type { TransformDocument } from '@edgeguard/contracts';
import { type InverseConstants, inverseConstants } from '@edgeguard/transform';
import { dense } from './dense.ts';
import { lowerCategories } from './lower-categories.ts';
import { Matrix } from './matrix.ts';

/**
 * Writes the way back from a reconstruction [batch, D] to raw units [batch, F]: inverse affine, saturate, exp(y) - 1 for
 * logarithmic features, and the code of the largest value for categories.
 */
export function lowerInverse(
  g: GraphBuilder,
  reconstruction: TensorHandle,
  transform: TransformDocument,
): TensorHandle {
  const constants = inverseConstants(transform);
  const features = constants.first.map((_, f) => f);
  const categories = features.filter((f) => constants.category[f]);
  const terms: TensorHandle[] = [];
  if (categories.length < features.length) terms.push(lowerNumbers(g, reconstruction, constants));
  if (categories.length > 0) {
    const blocks = categories.map((f) => ({ feature: f, first: constants.first[f]!, size: constants.size[f]! }));
    terms.push(lowerCategories(g, reconstruction, blocks, features.length));
  }
  return terms.reduce((sum, term) => g.add(sum, term));
}

/**
 * Expected values of the features that are no category [batch, F]; 0 elsewhere. The bounds of saturation are brought to
 * the other side of the affine operation, where there are fewer columns.
 */
function lowerNumbers(g: GraphBuilder, reconstruction: TensorHandle, constants: InverseConstants): TensorHandle {
  const count = constants.first.length;
  const weights = new Matrix(count, reconstruction.shape[1]!);
  const [bias, low, high] = [new Float32Array(count), new Float32Array(count), new Float32Array(count)];
  const linear = new Float32Array(count);
  for (let f = 0; f < count; f++) {
    // The columns of categories stay 0.
    if (constants.category[f]) continue;
    const multiply = constants.multiply[f]!;
    const bounds = [constants.low[f]!, constants.high[f]!].map((value) => value * multiply + constants.add[f]!);
    weights.set(f, constants.first[f]!, multiply);
    bias[f] = constants.add[f]!;
    low[f] = Math.min(...bounds);
    high[f] = Math.max(...bounds);
    linear[f] = constants.scale[f] === 0 ? 1 : 0;
  }
  const affine = dense(g, reconstruction, weights, bias, 'expected/affine');
  const values = g.minimum(g.maximum(affine, g.row('expected/low', low)), g.row('expected/high', high));
  const scale = Float32Array.from(constants.scale);
  if (!scale.some((s) => s > 0)) return values;
  const grown = lowerGrowth(g, values, scale);
  return linear.includes(1) ? g.add(grown, g.mul(values, g.row('expected/linear', linear))) : grown;
}

/**
 * scale * (exp(y) - 1) where the scale is positive, 0 elsewhere: scale / logistic(-y) - 2 scale, since
 * 1 / logistic(-y) = 1 + exp(y). XNNPACK has LOGISTIC and DIV and no EXP, and one operator that it does not take over
 * costs more than both. y is bounded, so that the quotient is.
 */
function lowerGrowth(g: GraphBuilder, y: TensorHandle, scale: Float32Array): TensorHandle {
  const down = scale.map((s) => (s > 0 ? -1 : 0));
  const chance = g.logistic(g.mul(y, g.row('expected/down', down)), 'expected/chance');
  const quotient = g.div(g.row('expected/scale', scale), chance);
  return g.sub(
    quotient,
    g.row(
      'expected/scale_twice',
      scale.map((s) => 2 * s),
    ),
    'none',
    'expected/grown',
  );
}
