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
 * the other side of the affine operation, where there are fewer columns, and values into units of the distance from the
 * middle of their bounds: so the dense layer itself cuts them off.
 */
function lowerNumbers(g: GraphBuilder, reconstruction: TensorHandle, constants: InverseConstants): TensorHandle {
  const count = constants.first.length;
  const weights = new Matrix(count, reconstruction.shape[1]!);
  const bias = new Float32Array(count);
  const ranges: ValueRange[] = [];
  for (let f = 0; f < count; f++) {
    // The columns of categories stay 0.
    ranges.push({ middle: 0, half: 0, scale: 0 });
    if (constants.category[f]) continue;
    const [multiply, add] = [constants.multiply[f]!, constants.add[f]!];
    const [low, high] = [constants.low[f]! * multiply + add, constants.high[f]! * multiply + add];
    const [middle, half] = [(low + high) / 2, Math.abs(high - low) / 2];
    ranges[f] = { middle, half, scale: constants.scale[f]! };
    if (half === 0) continue;
    weights.set(f, constants.first[f]!, multiply / half);
    bias[f] = (add - middle) / half;
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
  const middle = row('middle', ({ scale, middle: m }) => (scale > 0 ? -scale * (Math.exp(m) + 1) : m));
  const numbers = g.add(linear, middle, 'none', 'expected/linear_values');
  return ranges.some(({ scale }) => scale > 0) ? g.add(lowerGrowth(g, values, row), numbers) : numbers;
}

/** A value is middle + half * v with v from -1 to 1, and grows as scale * (exp(value) - 1) where the scale is positive. */
interface ValueRange {
  readonly middle: number;
  readonly half: number;
  readonly scale: number;
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
