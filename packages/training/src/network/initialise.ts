import type { SeededRandom } from '@edgeguard/transform';
import type { NetworkLayout } from './layout.ts';

/**
 * First parameters, without padding: weights uniform in ±sqrt(6 / (inputs + outputs)) (Glorot and Bengio 2010), biases
 * zero, scales of normalisation one. With groups the inputs and outputs are those of the weight's group, and weights between groups are zero.
 *
 * @param groups the group of each unit, for each width from input to output
 */
export function initialParameters(
  layout: NetworkLayout,
  random: SeededRandom,
  groups?: readonly Uint32Array[],
): Float32Array {
  const parameters = new Float32Array(layout.count);
  let at = 0;
  for (const [index, { inputs, outputs }] of layout.layers.entries()) {
    if (groups) {
      at = initialiseBlocks(parameters, at, random, groups[index]!, groups[index + 1]!);
    } else {
      const limit = Math.sqrt(6 / (inputs + outputs));
      for (let i = 0; i < inputs * outputs; i++) parameters[at++] = (2 * random.uniform() - 1) * limit;
    }
    at += outputs;
  }
  // What is left are scales.
  return parameters.fill(1, at);
}

/** Returns where the weights end. */
function initialiseBlocks(
  parameters: Float32Array,
  start: number,
  random: SeededRandom,
  from: Uint32Array,
  to: Uint32Array,
): number {
  const units = new Map<number, number>();
  for (const group of [...from, ...to]) units.set(group, (units.get(group) ?? 0) + 1);
  let at = start;
  for (const group of from) {
    const limit = Math.sqrt(6 / units.get(group)!);
    for (const other of to) {
      if (other === group) parameters[at] = (2 * random.uniform() - 1) * limit;
      at++;
    }
  }
  return at;
}
