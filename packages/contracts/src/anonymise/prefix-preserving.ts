import { createCipheriv } from 'node:crypto';
import { isIP } from 'node:net';
import { addressBytes, addressText } from './address-bytes.ts';

const BLOCK = 16;
/** Addresses that are remembered: beyond, the one that was asked for the longest ago is computed again. */
const MAX_CACHED = 65_536;

/**
 * Prefix-preserving anonymisation of addresses, Crypto-PAn (Xu, Fan, Ammar, Moon 2002, "Prefix-Preserving IP Address
 * Anonymization"): two addresses that share their first k bits share exactly their first k bits afterwards. One to one under a
 * key. IPv6 addresses are treated alike, over 128 bits. An IPv4 address that an IPv6 address carries is not told apart.
 */
export class PrefixPreserving {
  readonly #key: Uint8Array;
  readonly #pad: Uint8Array;
  readonly #cache = new Map<string, string>();

  /** @param key 32 bytes: the first half is AES's key, the second makes the padding */
  constructor(key: Uint8Array) {
    if (key.length !== 2 * BLOCK) throw new RangeError('a key has 32 bytes');
    this.#key = key.slice(0, BLOCK);
    this.#pad = this.#encrypt(key.subarray(BLOCK));
  }

  /** The pseudonym of an IPv4 or IPv6 address, as text in its canonical form. */
  address(text: string): string {
    const known = this.#cache.get(text);
    if (known !== undefined) {
      this.#cache.delete(text);
      this.#cache.set(text, known);
      return known;
    }
    if (isIP(text) === 0) throw new RangeError(`${text} is no address`);
    const pseudonym = addressText(this.#bytes(addressBytes(text)));
    this.#cache.set(text, pseudonym);
    if (this.#cache.size > MAX_CACHED) this.#cache.delete(this.#cache.keys().next().value!);
    return pseudonym;
  }

  /** One block for each prefix: its bits, then those of the padding. The first bit of its cipher flips the next bit. */
  #bytes(address: Uint8Array): Uint8Array {
    const bits = address.length * 8;
    const blocks = new Uint8Array(bits * BLOCK);
    for (let length = 0; length < bits; length++) {
      const block = blocks.subarray(length * BLOCK, (length + 1) * BLOCK);
      block.set(this.#pad);
      const whole = length >> 3;
      block.set(address.subarray(0, whole));
      const mask = (0xff00 >> (length & 7)) & 0xff;
      if (mask !== 0) block[whole] = (address[whole]! & mask) | (this.#pad[whole]! & ~mask & 0xff);
    }
    const cipher = this.#encrypt(blocks);
    const result = address.slice();
    for (let bit = 0; bit < bits; bit++) result[bit >> 3]! ^= (cipher[bit * BLOCK]! >> 7) << (7 - (bit & 7));
    return result;
  }

  #encrypt(blocks: Uint8Array): Uint8Array {
    return createCipheriv('aes-128-ecb', this.#key, null).setAutoPadding(false).update(blocks);
  }
}
