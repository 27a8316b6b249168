import type { TransformDocument, TransformOperation } from '@edgeguard/contracts';
import type { GraphBuilder, TensorHandle } from '@edgeguard/tflite/builder';
import { dense } from './dense.ts';
import { Matrix } from './matrix.ts';

/** A transform as tensors of a graph. */
export interface LoweredTransform {
  /** What the autoencoder sees, [batch, D]. */
  readonly inputs: TensorHandle;
  /** What was cut off, and unknown categories, [batch, F]; undefined where there is neither. */
  readonly excess: TensorHandle | undefined;
}

/** The lowest float32 number: no bound. */
const LOWEST = -3.4028234663852886e38;

type OneHotOperation = Extract<TransformOperation, { kind: 'one-hot' }>;

/**
 * Writes the operations of a transform as TFLite operators: the same list that the evaluator computes, in float32.
 * Operators that XNNPACK takes (all but LOG) work on whole rows, since elementwise work on a row of features costs less
 * than moving its columns.
 *
 * @param features raw rows [batch, F]
 */
export function lowerTransform(
  g: GraphBuilder,
  features: TensorHandle,
  transform: TransformDocument,
): LoweredTransform {
  let x = features;
  let excess: TensorHandle | undefined;
  let bounds: Bounds | undefined;
  const { operations } = transform;
  for (let index = 0; index < operations.length; index++) {
    const operation = operations[index]!;
    const next = operations[index + 1];
    switch (operation.kind) {
      case 'clip':
        x = clamp(g, x, operation, 'clip');
        break;
      case 'log1p':
        // Both read the untouched values and the logarithms, so they are written as one.
        x = logAffine(g, x, operation.rate, next?.kind === 'affine' ? next : undefined);
        if (next?.kind === 'affine') index++;
        break;
      case 'affine':
        x = affine(g, x, operation.multiply, operation.add);
        break;
      case 'saturate': {
        const cut = clamp(g, x, operation, 'saturate');
        const beyond = g.abs(g.sub(x, cut, 'none', 'saturate/beyond'), 'saturate/excess');
        excess = excess ? g.add(excess, beyond) : beyond;
        x = cut;
        bounds = operation;
        break;
      }
      case 'one-hot': {
        const unknown = unknownCategories(g, x, operation, bounds);
        excess = excess ? g.add(excess, unknown) : unknown;
        x = appendOneHot(g, x, operation);
        break;
      }
    }
  }
  return { inputs: x, excess };
}

interface Bounds {
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/**
 * unknownExcess * max(0, 1 - code) for every category, 0 elsewhere [batch, F]. The sum of a block is 1 for every code
 * from 1 to its size and falls to 0 at 0: beyond that range no code comes, since `saturate` cut it off.
 */
function unknownCategories(
  g: GraphBuilder,
  codes: TensorHandle,
  { blocks, unknownExcess }: OneHotOperation,
  bounds: Bounds | undefined,
): TensorHandle {
  const from = new Float32Array(codes.shape[1]!).fill(LOWEST);
  for (const { feature, size } of blocks) {
    if (bounds === undefined || bounds.low[feature]! < 0 || bounds.high[feature]! > size) {
      throw new Error(`category ${feature} of the transform is not kept within 0 and ${size}`);
    }
    from[feature] = 1;
  }
  const missing = g.sub(g.row('unknown/from', from), codes, 'relu', 'unknown');
  return g.mul(missing, g.scalar(unknownExcess), 'none', 'unknown/excess');
}

function clamp(g: GraphBuilder, x: TensorHandle, bounds: Bounds, name: string): TensorHandle {
  const low = g.row(`${name}/low`, Float32Array.from(bounds.low));
  const high = g.row(`${name}/high`, Float32Array.from(bounds.high));
  return g.minimum(g.maximum(x, low), high, name);
}

function affine(g: GraphBuilder, x: TensorHandle, multiply: readonly number[], add: readonly number[]): TensorHandle {
  const scaled = g.mul(x, g.row('affine/multiply', Float32Array.from(multiply)));
  return g.add(scaled, g.row('affine/add', Float32Array.from(add)), 'none', 'affine');
}

/**
 * log1p where the rate is positive and the value itself elsewhere, then multiply and add: L * p + x * q + c, with
 * L = log(1 + x * rate), which is 0 where the rate is.
 */
function logAffine(
  g: GraphBuilder,
  x: TensorHandle,
  rate: readonly number[],
  scale: { readonly multiply: readonly number[]; readonly add: readonly number[] } | undefined,
): TensorHandle {
  const logarithmic = rate.map((r) => r > 0);
  const linear = logarithmic.map((is) => !is);
  const multiply = scale?.multiply ?? rate.map(() => 1);
  if (!logarithmic.includes(true)) return scale ? affine(g, x, scale.multiply, scale.add) : x;
  const scaled = g.mul(x, g.row('log/rate', Float32Array.from(rate)));
  const logarithm = g.log(g.add(scaled, g.scalar(1)), 'log');
  const only = (which: readonly boolean[]): Float32Array => Float32Array.from(multiply, (m, f) => (which[f] ? m : 0));
  let sum = g.mul(logarithm, g.row('affine/multiply_log', only(logarithmic)));
  if (linear.includes(true)) sum = g.add(sum, g.mul(x, g.row('affine/multiply_linear', only(linear))));
  return scale ? g.add(sum, g.row('affine/add', Float32Array.from(scale.add)), 'none', 'affine') : sum;
}

/**
 * The columns that are no category, and behind them max(0, 1 - |x - k|) for every code k of every block. One dense layer
 * gives -x for the former and x - k for the latter; a slope for each column below zero makes magnitudes of the latter;
 * and what they are subtracted from makes both what they are to be. Each row of the matrix has a single one, so that
 * nothing is rounded that was not before.
 */
function appendOneHot(g: GraphBuilder, x: TensorHandle, { blocks }: OneHotOperation): TensorHandle {
  const width = x.shape[1]!;
  const categories = new Set(blocks.map(({ feature }) => feature));
  const numbers = Array.from({ length: width }, (_, f) => f).filter((f) => !categories.has(f));
  const codes = blocks.flatMap(({ feature, size }) =>
    Array.from({ length: size }, (_, k) => ({ feature, code: k + 1 })),
  );
  const count = numbers.length + codes.length;
  const select = new Matrix(count, width);
  const [bias, slopes] = [new Float32Array(count), new Float32Array(count)];
  const [from, least] = [new Float32Array(count), new Float32Array(count)];
  for (const [row, feature] of numbers.entries()) {
    select.set(row, feature, -1);
    slopes[row] = 1;
    least[row] = LOWEST;
  }
  for (const [k, { feature, code }] of codes.entries()) {
    const row = numbers.length + k;
    select.set(row, feature, 1);
    bias[row] = -code;
    slopes[row] = -1;
    from[row] = 1;
  }
  const offset = dense(g, x, select, bias, 'one_hot/offset');
  const distance = g.prelu(offset, g.constant('one_hot/slopes', [count], slopes), 'one_hot/distance');
  const values = g.sub(g.row('one_hot/from', from), distance, 'none', 'one_hot/values');
  return g.maximum(values, g.row('one_hot/least', least), 'model_input');
}
