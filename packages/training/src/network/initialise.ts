import type { SeededRandom } from '@edgeguard/transform';
import type { NetworkLayout } from './layout.ts';

/**
 * First parameters, without padding: weights uniform in ±sqrt(6 / (inputs + outputs)) (Glorot and Bengio 2010), biases
 * zero.
 */
export function initialParameters(layout: NetworkLayout, random: SeededRandom): Float32Array {
  const parameters = new Float32Array(layout.count);
  let at = 0;
  for (const { inputs, outputs } of layout.layers) {
    const limit = Math.sqrt(6 / (inputs + outputs));
    for (let i = 0; i < inputs * outputs; i++) parameters[at++] = (2 * random.uniform() - 1) * limit;
    at += outputs;
  }
  return parameters;
}
