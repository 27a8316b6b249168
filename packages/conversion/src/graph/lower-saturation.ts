import type { TransformOperation } from '@edgeguard/contracts';
import type { GraphBuilder, TensorHandle } from '@edgeguard/tflite/builder';
import { Matrix } from './matrix.ts';

export type OneHotOperation = Extract<TransformOperation, { kind: 'one-hot' }>;

/** One bound for each feature. */
export interface Bounds {
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/**
 * What saturation cuts off and unknown categories, weighted [batch, F]: weight * max(0, |x - middle| - half), with the
 * middle of the bounds and half their distance. For a category of codes from 0 to its size, the middle size + 1 and the
 * half size give max(0, 1 - code): 1 for the code 0, unknown, and 0 for every other.
 *
 * @param x values before saturation
 */
export function lowerEvidence(
  g: GraphBuilder,
  x: TensorHandle,
  bounds: Bounds,
  oneHot: OneHotOperation | undefined,
  weight: number,
): TensorHandle {
  const middles = Float32Array.from(bounds.low, (low, f) => (low + bounds.high[f]!) / 2);
  const halves = Float32Array.from(bounds.low, (low, f) => (bounds.high[f]! - low) / 2);
  const weights = new Float32Array(bounds.low.length).fill(weight);
  for (const { feature, size } of oneHot?.blocks ?? []) {
    middles[feature] = size + 1;
    halves[feature] = size;
    weights[feature] = weight * oneHot!.unknownExcess;
  }
  const distance = g.abs(g.sub(x, g.row('evidence/middle', middles)), 'evidence/distance');
  const beyond = g.sub(distance, g.row('evidence/half', halves), 'relu', 'evidence/beyond');
  return g.mul(beyond, g.row('evidence/weights', weights), 'none', 'evidence');
}

/**
 * Saturation and one-hot blocks as one: the columns that are no category, cut off at their bounds, and behind them
 * max(0, 1 - |x - k|) for every code k of every block. A dense layer gives the former in units of half the distance of
 * their bounds from the middle, and x - k; its activation cuts both off at -1 and 1. A slope for each column below zero
 * makes magnitudes of the latter, and a line for each column makes both what they are to be. Each row of the matrix has a
 * single weight: categories are exact, and the others rounded twice.
 *
 * @param x values before saturation, codes between 0 and the size of their block
 */
export function saturateOneHot(
  g: GraphBuilder,
  x: TensorHandle,
  { low, high }: Bounds,
  { blocks }: OneHotOperation,
): TensorHandle {
  const width = x.shape[1]!;
  const categories = new Set(blocks.map(({ feature }) => feature));
  const numbers = Array.from({ length: width }, (_, f) => f).filter((f) => !categories.has(f));
  const codes = blocks.flatMap(({ feature, size }) =>
    Array.from({ length: size }, (_, k) => ({ feature, code: k + 1 })),
  );
  const count = numbers.length + codes.length;
  const select = new Matrix(count, width);
  const [bias, slopes] = [new Float32Array(count), new Float32Array(count)];
  const [multiply, add] = [new Float32Array(count), new Float32Array(count)];
  for (const [row, feature] of numbers.entries()) {
    const [middle, half] = [(low[feature]! + high[feature]!) / 2, (high[feature]! - low[feature]!) / 2];
    // A feature whose bounds are equal is the middle, whatever its value.
    select.set(row, feature, half === 0 ? 0 : 1 / half);
    bias[row] = half === 0 ? 0 : -middle / half;
    slopes[row] = 1;
    multiply[row] = half;
    add[row] = middle;
  }
  for (const [k, { feature, code }] of codes.entries()) {
    const row = numbers.length + k;
    select.set(row, feature, 1);
    bias[row] = -code;
    slopes[row] = -1;
    multiply[row] = -1;
    add[row] = 1;
  }
  const offset = g.fullyConnected(
    x,
    g.constant('one_hot/offset/weights', [count, width], select.values),
    g.constant('one_hot/offset/bias', [count], bias),
    'relu_n1_to_1',
    'one_hot/offset',
  );
  const distance = g.prelu(offset, g.constant('one_hot/slopes', [count], slopes), 'one_hot/distance');
  const scaled = g.mul(distance, g.row('one_hot/multiply', multiply));
  return g.add(scaled, g.row('one_hot/add', add), 'none', 'model_input');
}
