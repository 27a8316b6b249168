import { normalizeAxis } from '../../model/broadcast.ts';
import { indexMap } from './index-map.ts';
import { float32, integers, slot, strides, type Kernel, type KernelContext, type Slot } from './kernel.ts';

/** The elements of a reduction: `result + base[j]` for the j-th result, `+ inner[k]` for the k-th of its terms. */
export interface ReductionPlan {
  readonly base: Int32Array;
  readonly inner: Int32Array;
}

/** Splits the dimensions of `input` into those kept and those reduced. */
export function reductionPlan(input: Slot, axesSlot: Slot): ReductionPlan {
  const rank = input.shape.length;
  const axes = new Set(integers(axesSlot).map((axis) => normalizeAxis(axis, rank) ?? 0));
  const own = strides(input.shape);
  const pick = (reduced: boolean): Int32Array => {
    const dims = input.shape.map((_, d) => d).filter((d) => axes.has(d) === reduced);
    return indexMap(
      dims.map((d) => input.shape[d]),
      dims.map((d) => own[d]),
    );
  };
  return { base: pick(false), inner: pick(true) };
}

/** SUM, MEAN, REDUCE_MAX and REDUCE_MIN in float32. Sums are taken in double precision and rounded once. */
export function reduceFloat(context: KernelContext): Kernel {
  const x = float32(slot(context, 0));
  const y = float32(context.outputs[0]);
  const { base, inner } = reductionPlan(slot(context, 0), slot(context, 1));
  const { op } = context.operator;
  if (op === 'SUM' || op === 'MEAN') {
    const divisor = op === 'MEAN' ? inner.length : 1;
    return () => {
      for (let j = 0; j < base.length; j++) {
        let sum = 0;
        for (let k = 0; k < inner.length; k++) sum += x[base[j] + inner[k]];
        y[j] = sum / divisor;
      }
    };
  }
  const largest = op === 'REDUCE_MAX';
  return () => {
    for (let j = 0; j < base.length; j++) {
      let best = largest ? -Infinity : Infinity;
      for (let k = 0; k < inner.length; k++) {
        const value = x[base[j] + inner[k]];
        best = largest ? Math.max(best, value) : Math.min(best, value);
      }
      y[j] = best;
    }
  };
}
