import type { FeatureColumn } from '@edgeguard/contracts';
import type { DatasetBatch } from '@edgeguard/contracts/arrow';

/** Two independent 32-bit hashes of each row's features: 64 bits tell rows apart. */
export interface RowHashes {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
}

const FNV_BASIS = 0x811c_9dc5;
const FNV_PRIME = 0x0100_0193;

/**
 * Hashes the features of every row, by value: equal rows have equal hashes, 0 and -0 are equal. The mixing steps are
 * those of MurmurHash3 (Appleby, public domain) with two sets of constants. Not for secrets.
 */
export function hashRows(batch: DatasetBatch, features: readonly FeatureColumn[]): RowHashes {
  const high = new Uint32Array(batch.length).fill(0x9747_b28c);
  const low = new Uint32Array(batch.length).fill(0x3c07_4a61);
  for (const { name, type } of features) {
    const words = type === 'utf8' ? hashStrings(batch.strings(name)) : floatBits(batch.floats(name));
    for (let row = 0; row < batch.length; row++) {
      high[row] = mix(high[row]!, words[row]!, 0xcc9e_2d51, 0x1b87_3593);
      low[row] = mix(low[row]!, words[row]!, 0x85eb_ca6b, 0xc2b2_ae35);
    }
  }
  for (let row = 0; row < batch.length; row++) {
    high[row] = finish(high[row]!);
    low[row] = finish(low[row]!);
  }
  return { high, low };
}

function floatBits(values: Float32Array): Uint32Array {
  const positiveZero = values.map((value) => value + 0);
  return new Uint32Array(positiveZero.buffer);
}

function hashStrings(values: readonly string[]): Uint32Array {
  const hashes = new Uint32Array(values.length);
  for (const [row, value] of values.entries()) {
    let hash = FNV_BASIS;
    for (let i = 0; i < value.length; i++) hash = Math.imul(hash ^ value.charCodeAt(i), FNV_PRIME);
    hashes[row] = hash;
  }
  return hashes;
}

function mix(hash: number, word: number, first: number, second: number): number {
  let k = Math.imul(word, first);
  k = Math.imul((k << 15) | (k >>> 17), second);
  const h = hash ^ k;
  return Math.imul((h << 13) | (h >>> 19), 5) + 0xe654_6b64;
}

function finish(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return h ^ (h >>> 16);
}
