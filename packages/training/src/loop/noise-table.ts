import { SeededRandom } from '@edgeguard/transform';

/** Random numbers in a noise table; a power of two. Every row draws a random place in it. */
export const NOISE_TABLE_SIZE = 65_536;

/**
 * Fills a table with numbers of a normal distribution, mean 0 and deviation 1 (Marsaglia's polar method). What lies
 * beyond {@link NOISE_TABLE_SIZE} repeats the start.
 */
export function fillWithNormalNoise(table: Float32Array, seed: number): void {
  const random = new SeededRandom(seed);
  for (let i = 0; i < NOISE_TABLE_SIZE; i += 2) {
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
  table.copyWithin(NOISE_TABLE_SIZE, 0, table.length - NOISE_TABLE_SIZE);
}

/** Draws a place in the table for every row, in bytes. */
export function drawNoiseOffsets(offsets: Uint32Array, count: number, random: SeededRandom): void {
  for (let row = 0; row < count; row++) offsets[row] = (random.uint32() % NOISE_TABLE_SIZE) * 4;
}
