/**
 * Mixes one key word into a running hash (the body of MurmurHash3, public domain, by A. Appleby). The start value is a
 * secret seed, so that nobody outside can aim packets at one bucket; it decides placement only, never a result.
 */
export function mixWord(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  hash ^= Math.imul(k, 0x1b873593);
  hash = (hash << 13) | (hash >>> 19);
  return (Math.imul(hash, 5) + 0xe6546b64) | 0;
}

/** Spreads the last bits of a running hash over all of it. */
export function finishHash(hash: number): number {
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** Hash of the first `count` words of a key. */
export function hashWords(key: Int32Array, count: number, seed: number): number {
  let hash = seed;
  for (let k = 0; k < count; k++) hash = mixWord(hash, key[k]);
  return finishHash(hash);
}
