import type { GraphBuilder, TensorHandle } from '@edgeguard/tflite/builder';

/**
 * Columns `from` (included) to `to` (excluded) of rows [batch, width]. As STRIDED_SLICE, since the WebAssembly runtime
 * gives garbage for a SLICE that leaves the batch open.
 */
export function columns(g: GraphBuilder, x: TensorHandle, from: number, to: number, name: string): TensorHandle {
  const wholeBatch = { begin: 1, end: 1 };
  return g.stridedSlice(x, { begin: [0, from], end: [0, to], strides: [1, 1] }, wholeBatch, name);
}
