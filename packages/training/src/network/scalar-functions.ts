import type { Activation } from './network-shape.ts';

/** Residuals beyond this, in standard deviations, count linearly in Huber's loss. */
export const HUBER_BOUND = 1;

/** Applies an activation to values in place. */
export function activate(activation: Activation, values: Float32Array, count: number): void {
  if (activation === 'tanh') {
    for (let i = 0; i < count; i++) values[i] = Math.tanh(values[i]!);
  } else if (activation === 'relu') {
    for (let i = 0; i < count; i++) values[i] = Math.max(0, values[i]!);
  } else {
    for (let i = 0; i < count; i++) if (values[i]! < 0) values[i] = Math.expm1(values[i]!);
  }
}

/**
 * Twice the logarithm of the hyperbolic cosine of the residuals: near zero it is their square. In plain JavaScript,
 * whose logarithm and exponential are the same on every machine.
 */
export function logCosh(
  delta: Float32Array,
  outputs: Float32Array,
  targets: Float32Array,
  count: number,
  scale: number,
): number {
  let loss = 0;
  for (let i = 0; i < count; i++) {
    const residual = outputs[i]! - targets[i]!;
    const magnitude = Math.abs(residual);
    loss += 2 * (magnitude + Math.log1p(Math.exp(-2 * magnitude)) - Math.LN2);
    delta[i] = 2 * Math.tanh(residual) * scale;
  }
  return loss;
}
