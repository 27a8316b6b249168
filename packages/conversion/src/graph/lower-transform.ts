import type { TransformDocument, TransformOperation } from '@edgeguard/contracts';
import type { GraphBuilder, TensorHandle } from '@edgeguard/tflite/builder';
import { type Bounds, lowerEvidence, type OneHotOperation, saturateOneHot } from './lower-saturation.ts';

/** A transform as tensors of a graph. */
export interface LoweredTransform {
  /** What the autoencoder sees, [batch, D]. */
  readonly inputs: TensorHandle;
  /** What was cut off, and unknown categories, times their weight in the score [batch, F]; undefined where none counts. */
  readonly evidence: TensorHandle | undefined;
}

/**
 * Writes the operations of a transform as TFLite operators: the same list that the evaluator computes, in float32.
 * Operators that XNNPACK takes (all but LOG) work on whole rows, since elementwise work on a row of features costs less
 * than moving its columns.
 *
 * @param features       raw rows [batch, F]
 * @param evidenceWeight of what is cut off, in the score
 */
export function lowerTransform(
  g: GraphBuilder,
  features: TensorHandle,
  { operations }: TransformDocument,
  evidenceWeight: number,
): LoweredTransform {
  let x = features;
  const evidence: TensorHandle[] = [];
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
        const oneHot = next?.kind === 'one-hot' ? next : undefined;
        if (evidenceWeight > 0) evidence.push(lowerEvidence(g, x, operation, oneHot, evidenceWeight));
        x = oneHot ? saturateOneHot(g, x, operation, oneHot) : clamp(g, x, operation, 'saturate');
        if (oneHot) assertCodes(operations[0], oneHot);
        if (oneHot) index++;
        break;
      }
      case 'one-hot':
        throw new Error('one-hot blocks without saturation before them');
    }
  }
  return { inputs: x, evidence: evidence.length === 0 ? undefined : evidence.reduce((sum, each) => g.add(sum, each)) };
}

/** Categories are computed in short forms that hold for the codes 0, unknown, to their number. */
function assertCodes(clip: TransformOperation | undefined, { blocks }: OneHotOperation): void {
  for (const { feature, size } of blocks) {
    if (clip?.kind !== 'clip' || clip.low[feature]! < 0 || clip.high[feature]! > size) {
      throw new Error(`codes of feature ${feature} of the transform are not kept within 0 and ${size}`);
    }
  }
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
