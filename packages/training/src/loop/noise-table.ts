import { SeededRandom } from '@edgeguard/transform';

/** Random numbers in a table; a power of two. Every row draws a random place in it. */
export const TABLE_SIZE = 65_536;

/** Fills a table with numbers of a normal distribution, mean 0 and deviation 1 (Marsaglia's polar method). */
export function fillWithNormalNoise(table: Float32Array, seed: number): void {
  const random = new SeededRandom(seed);
  for (let i = 0; i < TABLE_SIZE; i += 2) {
    for (;;) {
      const x = 2 * random.uniform() - 1;
      const y = 2 * random.uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      table[i] = x * factor;
      table[i + 1] = y * factor;
      break;
    }
  }
  repeatStart(table);
}

/** Fills a table with zeros, a share of the values, and with `kept` (1 unless said). */
export function fillWithMask(table: Float32Array, share: number, seed: number, kept = 1): void {
  const random = new SeededRandom(seed);
  for (let i = 0; i < TABLE_SIZE; i++) table[i] = random.uniform() < share ? 0 : kept;
  repeatStart(table);
}

/** Draws a place in the tables for every row, in bytes. */
export function drawOffsets(offsets: Uint32Array, count: number, random: SeededRandom): void {
  for (let row = 0; row < count; row++) offsets[row] = (random.uint32() % TABLE_SIZE) * 4;
}

/** What lies beyond the table's size repeats its start, so that a row may begin at its very end. */
function repeatStart(table: Float32Array): void {
  table.copyWithin(TABLE_SIZE, 0, table.length - TABLE_SIZE);
}
