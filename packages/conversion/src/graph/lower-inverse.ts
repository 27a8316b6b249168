import type { GraphBuilder, TensorHandle } from '@edgeguard/tflite/builder';
import type { TransformDocument } from '@edgeguard/contracts';
import { type InverseConstants, inverseConstants } from '@edgeguard/transform';
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
  const blocks = features
    .filter((f) => constants.category[f])
    .map((f) => ({ feature: f, first: constants.first[f]!, size: constants.size[f]! }));
  const ranges = features.map((f) => rangeOf(constants, f));
  // What is constant in the numbers: the bias of the last layer of categories adds it for nothing.
  const constant = Float32Array.from(ranges, ({ middle, scale }) =>
    scale > 0 ? -scale * (Math.exp(middle) + 1) : middle,
  );
  const numbers = lowerNumbers(g, reconstruction, constants, ranges);
  if (blocks.length === 0) return g.add(numbers, g.row('expected/constant', constant));
  return g.add(numbers, lowerCategories(g, reconstruction, blocks, constant));
}

/** A value is middle + half * v with v from -1 to 1, and grows as scale * (exp(value) - 1) where the scale is positive. */
interface ValueRange {
  readonly middle: number;
  readonly half: number;
  readonly scale: number;
}

/** The bounds of saturation on the other side of the affine operation; all 0 for a category. */
function rangeOf({ category, low, high, multiply, add, scale }: InverseConstants, f: number): ValueRange {
  if (category[f]) return { middle: 0, half: 0, scale: 0 };
  const [from, to] = [low[f]! * multiply[f]! + add[f]!, high[f]! * multiply[f]! + add[f]!];
  return { middle: (from + to) / 2, half: Math.abs(to - from) / 2, scale: scale[f]! };
}

/**
 * Expected values of the features that are no category, but for a constant [batch, F]; 0 elsewhere. Values are brought into
 * units of the distance from the middle of their bounds, so that the activation of the dense layer cuts them off.
 */
function lowerNumbers(
  g: GraphBuilder,
  reconstruction: TensorHandle,
  { first, multiply, add }: InverseConstants,
  ranges: readonly ValueRange[],
): TensorHandle {
  const count = ranges.length;
  const weights = new Matrix(count, reconstruction.shape[1]!);
  const bias = new Float32Array(count);
  for (const [f, { middle, half }] of ranges.entries()) {
    if (half === 0) continue;
    weights.set(f, first[f]!, multiply[f]! / half);
    bias[f] = (add[f]! - middle) / half;
  }
  const values = g.fullyConnected(
    reconstruction,
    g.constant('expected/affine/weights', [weights.rows, weights.columns], weights.values),
    g.constant('expected/affine/bias', [count], bias),
    'relu_n1_to_1',
    'expected/affine',
  );
  const row = (name: string, of: (range: ValueRange) => number): TensorHandle =>
    g.row(`expected/${name}`, Float32Array.from(ranges, of));
  const linear = g.mul(
    values,
    row('linear', ({ scale, half }) => (scale > 0 ? 0 : half)),
  );
  return ranges.some(({ scale }) => scale > 0) ? g.add(lowerGrowth(g, values, row), linear) : linear;
}

/**
 * scale * (exp(middle + half * v) + exp(middle)) where the scale is positive, 0 elsewhere: scale * exp(middle) /
 * logistic(-half * v), since 1 / logistic(-y) = 1 + exp(y). XNNPACK has LOGISTIC and DIV and no EXP, and one operator that
 * it does not take over costs more than both. v is bounded, so that the quotient is.
 */
function lowerGrowth(
  g: GraphBuilder,
  values: TensorHandle,
  row: (name: string, of: (range: ValueRange) => number) => TensorHandle,
): TensorHandle {
  const down = row('down', ({ scale, half }) => (scale > 0 ? -half : 0));
  const chance = g.logistic(g.mul(values, down), 'expected/chance');
  const scales = row('scale', ({ scale, middle }) => (scale > 0 ? scale * Math.exp(middle) : 0));
  return g.div(scales, chance, 'none', 'expected/grown');
}
