import type { SeededRandom } from '@edgeguard/transform';
import type { DenseNetwork } from '../../src/network/dense-network.ts';

/** Entries of the tables that a batch takes noise and dropout from. */
export const TABLE_SIZE = 64;

/** Gives every row of the network random values and a random place in its tables, and random dropout of a third. */
export function fillBatch(network: DenseNetwork, random: SeededRandom): void {
  for (const table of network.dropout)
    for (let i = 0; i < table.length; i++) table[i] = [0, 1.5, 1.5][random.below(3)]!;
  const [width, rows] = [network.layout.layers[0]!.inputs, network.order.length];
  for (let row = 0; row < rows; row++) {
    network.order[row] = row;
    network.offsets[row] = 4 * random.below(TABLE_SIZE);
    for (let i = 0; i < width; i++) network.rows[row * network.stride + i] = 4 * random.uniform() - 2;
  }
}
