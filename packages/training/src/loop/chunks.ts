import { SeededRandom } from '@edgeguard/transform';

/** Rows of a block. Chunks are made of blocks from all over the split, so that each is a mixture of its times. */
const BLOCK_ROWS = 4096;

/** Some rows that lie beside each other. */
export interface RowRange {
  readonly first: number;
  readonly count: number;
}

/**
 * The chunks of an epoch, each with at most `capacity` rows: one, in order, where all rows fit; else blocks in a random
 * order. Every row is in exactly one chunk.
 */
export function planChunks(rows: number, capacity: number, seed: number): RowRange[][] {
  if (rows <= capacity) return [[{ first: 0, count: rows }]];
  const blockRows = Math.min(BLOCK_ROWS, capacity);
  const blocks = new Uint32Array(Math.ceil(rows / blockRows)).map((_, index) => index);
  new SeededRandom(seed).shuffle(blocks);
  const perChunk = Math.floor(capacity / blockRows);
  const chunks: RowRange[][] = [];
  for (let first = 0; first < blocks.length; first += perChunk) {
    const chunk = Array.from(blocks.subarray(first, first + perChunk), (block) => ({
      first: block * blockRows,
      count: Math.min(blockRows, rows - block * blockRows),
    }));
    chunks.push(chunk);
  }
  return chunks;
}
