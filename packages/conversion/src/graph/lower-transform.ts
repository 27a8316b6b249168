import type { TransformDocument, TransformOperation } from '@edgeguard/contracts';
import type { GraphBuilder, TensorHandle } from '@edgeguard/tflite/builder';
import { columns } from './columns.ts';
import { dense } from './dense.ts';
import { Matrix } from './matrix.ts';

/** A transform as tensors of a graph. */
export interface LoweredTransform {
  /** What the autoencoder sees, [batch, D]. */
  readonly inputs: TensorHandle;
  /** What was cut off, [batch, F], without unknown categories; undefined where nothing is ever cut off. */
  readonly excess: TensorHandle | undefined;
  /** One-hot blocks [batch, K] behind one another, and the operation they come from. */
  readonly oneHot: { readonly blocks: TensorHandle; readonly operation: OneHotOperation } | undefined;
}

export type OneHotOperation = Extract<TransformOperation, { kind: 'one-hot' }>;

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
  let oneHot: LoweredTransform['oneHot'];
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
        break;
      }
      case 'one-hot':
        oneHot = { blocks: oneHotBlocks(g, x, operation), operation };
        x = g.concat([numbersOf(g, x, operation), oneHot.blocks], 1, 'model_input');
        break;
    }
  }
  return { inputs: x, excess, oneHot };
}

function clamp(
  g: GraphBuilder,
  x: TensorHandle,
  bounds: { low: number[]; high: number[] },
  name: string,
): TensorHandle {
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

/** max(0, 1 - |x - k|) for every code k of every block. */
function oneHotBlocks(g: GraphBuilder, x: TensorHandle, { blocks }: OneHotOperation): TensorHandle {
  const codes = blocks.flatMap(({ feature, size }) =>
    Array.from({ length: size }, (_, k) => ({ feature, code: k + 1 })),
  );
  const select = new Matrix(codes.length, x.shape[1]!);
  const bias = new Float32Array(codes.length);
  for (const [row, { feature, code }] of codes.entries()) {
    select.set(row, feature, 1);
    bias[row] = -code;
  }
  const distance = g.abs(dense(g, x, select, bias, 'one_hot/offset'), 'one_hot/distance');
  return g.sub(g.scalar(1), distance, 'relu', 'one_hot');
}

/** The columns that are no category. */
function numbersOf(g: GraphBuilder, x: TensorHandle, { blocks }: OneHotOperation): TensorHandle {
  const categories = new Set(blocks.map(({ feature }) => feature));
  const numbers = Array.from({ length: x.shape[1]! }, (_, f) => f).filter((f) => !categories.has(f));
  const first = numbers[0];
  const contiguous = first !== undefined && numbers.every((f, i) => f === first + i);
  if (contiguous) return columns(g, x, first, first + numbers.length, 'numbers');
  // Each row of the matrix has a single one, so the product is exact.
  const select = new Matrix(numbers.length, x.shape[1]!);
  for (const [row, feature] of numbers.entries()) select.set(row, feature, 1);
  return dense(g, x, select, undefined, 'numbers');
}
