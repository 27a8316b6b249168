/** What random numbers are drawn for. Each use has a stream of its own, so that no part of training shifts another. */
export const STREAM = {
  weights: 1,
  noise: 2,
  mask: 3,
  blocks: 4,
  rows: 5,
  offsets: 6,
  dropout: 7,
  centres: 8,
} as const;

/**
 * A seed for one use at one point of training. Training can so go on from any point without the state of a generator.
 * Mixes with the finaliser of MurmurHash3.
 */
export function deriveSeed(seed: number, ...path: readonly number[]): number {
  let hash = seed >>> 0;
  for (const step of path) {
    hash = (Math.imul(hash, 31) + step + 0x9e37_79b9) >>> 0;
    hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
    hash = (hash ^ (hash >>> 16)) >>> 0;
  }
  return hash;
}
