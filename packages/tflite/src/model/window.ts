import type { Padding } from './operator-options.ts';

/** Where a sliding window lies along one dimension. */
export interface WindowPlan {
  /** Number of positions of the window. */
  readonly output: number;
  /** Elements of padding before the first input element. */
  readonly before: number;
}

/**
 * Positions of a window of `filter` elements, `dilation` apart, moved by `stride` over `input` elements. `same` pads so
 * that the output has ceil(input / stride) positions, with the odd element of padding at the end; `valid` never pads.
 */
export function windowPlan(
  input: number,
  filter: number,
  stride: number,
  dilation: number,
  padding: Padding,
): WindowPlan {
  const extent = (filter - 1) * dilation + 1;
  if (padding === 'valid') return { output: Math.max(0, Math.floor((input - extent) / stride) + 1), before: 0 };
  const output = Math.ceil(input / stride);
  const total = Math.max(0, (output - 1) * stride + extent - input);
  return { output, before: Math.floor(total / 2) };
}
