import { FunctionBuilder, type Local, type WasmFunction } from './function-builder.ts';

/** Decay rates and the guard of Adam (Kingma and Ba 2015), as they propose them. */
export const ADAM = { decay1: 0.9, decay2: 0.999, epsilon: 1e-8 } as const;

/** Moments below this are taken as zero: numbers near the smallest float32 slow arithmetic down many times over. */
const NEGLIGIBLE = 1e-30;

/**
 * One step of Adam with decoupled weight decay (Loshchilov and Hutter 2019) on `count` values, a multiple of 4:
 *
 *     adam(weights, gradients, m, v, count, stepSize, keep)
 *
 * `stepSize` is the learning rate with the bias corrections in it; weights are first multiplied by `keep`.
 */
export function adamKernel(): WasmFunction {
  const f = new FunctionBuilder('adam', ['i32', 'i32', 'i32', 'i32', 'i32', 'f32', 'f32']);
  const weights: Local = 0;
  const gradients: Local = 1;
  const m: Local = 2;
  const v: Local = 3;
  const count: Local = 4;
  const stepSize: Local = 5;
  const keep: Local = 6;
  const [gradient, first, second] = f.locals('v128', 3) as [Local, Local, Local];
  const flush = (local: Local): void => {
    f.get(local).get(local).vAbs().vConst(NEGLIGIBLE).greater().and().set(local);
  };
  f.whileAtLeast(count, 1, () => {
    f.get(gradients).vLoad().set(gradient);
    f.get(m).vLoad().vConst(ADAM.decay1).vMultiply();
    f.get(gradient)
      .vConst(1 - ADAM.decay1)
      .vMultiply()
      .vAdd()
      .set(first);
    f.get(v).vLoad().vConst(ADAM.decay2).vMultiply();
    f.get(gradient)
      .get(gradient)
      .vMultiply()
      .vConst(1 - ADAM.decay2)
      .vMultiply()
      .vAdd()
      .set(second);
    flush(first);
    flush(second);
    f.get(m).get(first).vStore();
    f.get(v).get(second).vStore();
    f.get(weights);
    f.get(weights).vLoad().get(keep).splat().vMultiply();
    f.get(first).get(stepSize).splat().vMultiply();
    f.get(second).vSqrt().vConst(ADAM.epsilon).vAdd().vDivide();
    f.vSubtract().vStore();
    for (const pointer of [weights, gradients, m, v]) f.advance(pointer, 16);
    f.advance(count, -4);
  });
  return f.finish();
}

/** Losses that have a kernel. */
export type LossKind = 'mse' | 'huber';

/**
 * Writes the gradient of the loss over `count` outputs, a multiple of 4, and returns the sum of the losses:
 *
 *     name(delta, outputs, targets, count, scale, bound) -> f64
 *
 * Squared error: loss r², gradient 2r. Huber: with q = min(|r|, bound), loss q (2|r| - q), gradient 2 clamp(r, ±bound).
 * Gradients are multiplied by `scale`. Losses are summed in float64, in a fixed order.
 */
export function lossKernel(name: string, kind: LossKind): WasmFunction {
  const f = new FunctionBuilder(name, ['i32', 'i32', 'i32', 'i32', 'f32', 'f32'], 'f64');
  const delta: Local = 0;
  const outputs: Local = 1;
  const targets: Local = 2;
  const count: Local = 3;
  const scale: Local = 4;
  const bound: Local = 5;
  const [residual, loss, sum] = f.locals('v128', 3) as [Local, Local, Local];
  f.whileAtLeast(count, 1, () => {
    f.get(outputs).vLoad().get(targets).vLoad().vSubtract().set(residual);
    f.get(delta);
    if (kind === 'mse') {
      f.get(residual).get(residual).vMultiply().set(loss);
      f.get(residual);
    } else {
      const magnitude = f.local('v128');
      const inner = f.local('v128');
      f.get(residual).vAbs().set(magnitude);
      f.get(magnitude).get(bound).splat().vLeast().set(inner);
      f.get(magnitude).get(magnitude).vAdd().get(inner).vSubtract().get(inner).vMultiply().set(loss);
      f.get(residual).get(bound).splat().vLeast();
      f.f32(0).splat().get(bound).splat().vSubtract().vMost();
    }
    f.get(scale).splat().vMultiply().vConst(2).vMultiply().vStore();
    f.get(sum).get(loss).widen().dAdd().set(sum);
    f.get(sum).get(loss).get(loss).shuffle([2, 3, 2, 3]).widen().dAdd().set(sum);
    for (const pointer of [delta, outputs, targets]) f.advance(pointer, 16);
    f.advance(count, -4);
  });
  f.get(sum).dLane(0).get(sum).dLane(1).f64Add();
  return f.finish();
}

/**
 * Copies rows by their numbers: `gather(out, rows, indices, count)`, each row `width` values, a multiple of 4.
 * `indices` are uint32.
 */
export function gatherKernel(width: number): WasmFunction {
  const f = new FunctionBuilder('gather', ['i32', 'i32', 'i32', 'i32']);
  const out: Local = 0;
  const rows: Local = 1;
  const indices: Local = 2;
  const count: Local = 3;
  const from = f.local('i32');
  f.whileAtLeast(count, 1, () => {
    f.get(indices)
      .i32Load()
      .i32(width * 4)
      .multiply()
      .get(rows)
      .add()
      .set(from);
    for (let offset = 0; offset < width * 4; offset += 16) f.get(out).get(from).vLoad(offset).vStore(offset);
    f.advance(out, width * 4)
      .advance(indices, 4)
      .advance(count, -1);
  });
  return f.finish();
}

/** Multiplies values in place: `name(values, factors, count)`, count a multiple of 4. */
export function multiplyKernel(name: string): WasmFunction {
  const f = new FunctionBuilder(name, ['i32', 'i32', 'i32']);
  const values: Local = 0;
  const factors: Local = 1;
  const count: Local = 2;
  f.whileAtLeast(count, 1, () => {
    f.get(values).get(values).vLoad().get(factors).vLoad().vMultiply().vStore();
    f.advance(values, 16).advance(factors, 16).advance(count, -4);
  });
  return f.finish();
}

/** What a random table does to rows: adds its values times `scale`, or multiplies by them. */
export type CorruptionKind = 'add_noise' | 'mask';

/**
 * Corrupts rows: `name(out, rows, table, offsets, count, scale)`. Each row has `width` values, a multiple of 4, of which
 * the first `used` are corrupted; the rest is padding and stays zero. The random numbers of a row start at its byte
 * offset (uint32, a multiple of 4) in the table.
 */
export function corruptionKernel(kind: CorruptionKind, width: number, used: number, name: string = kind): WasmFunction {
  const f = new FunctionBuilder(name, ['i32', 'i32', 'i32', 'i32', 'i32', 'f32']);
  const out: Local = 0;
  const rows: Local = 1;
  const table: Local = 2;
  const offsets: Local = 3;
  const count: Local = 4;
  const scale: Local = 5;
  const from = f.local('i32');
  f.whileAtLeast(count, 1, () => {
    f.get(offsets).i32Load().get(table).add().set(from);
    for (let first = 0; first < width; first += 4) {
      f.get(out)
        .get(rows)
        .vLoad(first * 4);
      if (first < used) {
        f.get(from).vLoad(first * 4);
        if (kind === 'mask') {
          f.vMultiply();
        } else {
          f.get(scale).splat().vMultiply();
          if (first + 4 > used) keepLanes(f, used - first);
          f.vAdd();
        }
      }
      f.vStore(first * 4);
    }
    f.advance(out, width * 4)
      .advance(rows, width * 4)
      .advance(offsets, 4)
      .advance(count, -1);
  });
  return f.finish();
}

/** Sets all but the first `lanes` lanes of the vector on the stack to zero. */
function keepLanes(f: FunctionBuilder, lanes: number): void {
  const lane = (index: number): number => (index < lanes ? index : 4);
  f.vConst(0).shuffle([lane(0), lane(1), lane(2), lane(3)]);
}
