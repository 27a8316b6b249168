import type { GraphBuilder, TensorHandle } from '@edgeguard/tflite/builder';
import type { Matrix } from './matrix.ts';

/** x · weightsᵀ + bias as one FULLY_CONNECTED operator: the fastest way to sum and to pick columns on XNNPACK. */
export function dense(
  g: GraphBuilder,
  x: TensorHandle,
  weights: Matrix,
  bias: Float32Array | undefined,
  name: string,
): TensorHandle {
  return g.fullyConnected(
    x,
    g.constant(`${name}/weights`, [weights.rows, weights.columns], weights.values),
    // A layer without bias has a slower path in some versions; zeros cost nothing.
    g.constant(`${name}/bias`, [weights.rows], bias ?? new Float32Array(weights.rows)),
    'none',
    name,
  );
}
