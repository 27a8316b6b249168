import { type NetworkLayout } from './layout.ts';

/**
 * 1 for every padded parameter that may be other than zero, 0 for the weights between units of different groups: weights
 * then stay block diagonal, and the network is an ensemble of one small network per group.
 *
 * @param groups the group of each unit, for each width from input to output
 */
export function fillWithConnections(
  connections: Float32Array,
  layout: NetworkLayout,
  groups: readonly Uint32Array[],
): void {
  connections.fill(1);
  for (const [index, { inputs, outputs, paddedOutputs, weights }] of layout.layers.entries()) {
    for (let input = 0; input < inputs; input++) {
      for (let output = 0; output < outputs; output++) {
        if (groups[index]![input] === groups[index + 1]![output]) continue;
        connections[weights + input * paddedOutputs + output] = 0;
      }
    }
  }
}
