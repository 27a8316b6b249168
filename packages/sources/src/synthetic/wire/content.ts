import { Random } from '../engine/random.ts';
import { fold, swapBytes, wordSum } from './checksum.ts';

const POOL_LENGTH = 1 << 16;
const NO_BYTES = new Uint8Array(0);

/**
 * Payload of a message: `head`, then bytes that look random, `length` in all. With a `period` the head is repeated at
 * every multiple of it, as record headers are in a long TLS transfer.
 */
export interface Content {
  readonly head: Uint8Array;
  readonly length: number;
  readonly period: number;
  /** Where in the pool of random bytes this content begins. */
  readonly poolStart: number;
}

export const EMPTY: Content = { head: NO_BYTES, length: 0, period: 0, poolStart: 0 };

/** Content of given bytes. */
export function bytesContent(head: Uint8Array): Content {
  return { head, length: head.length, period: head.length, poolStart: 0 };
}

/** Content of text, one byte per character. */
export function textContent(text: string): Content {
  return bytesContent(Buffer.from(text, 'latin1'));
}

/** Given bytes followed by random ones. */
export function opaqueContent(head: Uint8Array, length: number, random: Random): Content {
  return { head, length, period: length, poolStart: random.uint32() % POOL_LENGTH };
}

/** Records of `period` bytes, each with the same head, `count` of them. */
export function repeatedContent(head: Uint8Array, period: number, count: number, random: Random): Content {
  return { head, length: period * count, period, poolStart: random.uint32() % POOL_LENGTH };
}

/**
 * Random bytes that all content is cut from. Sums of words that begin at even and at odd positions are kept, so that
 * the checksum of a segment costs the same whatever its length.
 */
export class ContentPool {
  readonly #bytes = new Uint8Array(2 * POOL_LENGTH);
  /** At p: the sum of the words at p - 2, p - 4, … */
  readonly #sums = new Float64Array(2 * POOL_LENGTH + 2);

  constructor(seed: number) {
    const random = new Random(seed, 'content');
    for (let i = 0; i < POOL_LENGTH; i++) this.#bytes[i] = random.uint32() >>> 24;
    this.#bytes.copyWithin(POOL_LENGTH, 0, POOL_LENGTH);
    for (let p = 2; p < this.#sums.length; p++) {
      this.#sums[p] = this.#sums[p - 2] + ((this.#bytes[p - 2] << 8) | (this.#bytes[p - 1] ?? 0));
    }
  }

  /**
   * Writes the first `written` bytes of `content[from..from+length)` to `target` and returns the checksum part of all
   * `length` bytes, folded.
   */
  write(content: Content, from: number, length: number, target: Uint8Array, at: number, written: number): number {
    let sum = 0;
    let done = 0;
    while (done < length) {
      const offset = from + done;
      const within = content.period > 0 ? offset % content.period : offset;
      const inHead = within < content.head.length;
      const count = Math.min(length - done, (inHead ? content.head.length : Math.max(content.period, 1)) - within);
      const visible = Math.max(0, Math.min(count, written - done));
      let part: number;
      if (inHead) {
        part = wordSum(content.head, within, count);
        for (let i = 0; i < visible; i++) target[at + done + i] = content.head[within + i];
      } else {
        const pool = (content.poolStart + offset) % POOL_LENGTH;
        part = this.#sum(pool, count);
        for (let i = 0; i < visible; i++) target[at + done + i] = this.#bytes[pool + i];
      }
      sum += done & 1 ? swapBytes(fold(part)) : fold(part);
      done += count;
    }
    return fold(sum);
  }

  #sum(pool: number, length: number): number {
    const end = pool + (length & ~1);
    const words = this.#sums[end] - this.#sums[pool];
    return length & 1 ? words + (this.#bytes[end] << 8) : words;
  }
}
