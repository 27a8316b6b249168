import { type ClientHelloFields, isNoGrease, ja4, versionOf } from './ja4.ts';

/** Fingerprints that are remembered: a network has few kinds of clients. */
const MOST_KNOWN = 1024;
/** Numbers that a key may have; a hello with more is hashed each time. */
const LONGEST_KEY = 512;

/**
 * JA4 of hellos, hashed once per kind of client. What the fingerprint depends on is the key: sorted as JA4 sorts, without
 * GREASE, since clients shuffle the one and draw the other at random. The fingerprint that was added first makes room.
 */
export class Ja4Cache {
  readonly #known = new Map<string, string>();
  readonly #key = new Uint16Array(LONGEST_KEY);
  readonly #keyBytes = Buffer.from(this.#key.buffer);

  of(hello: ClientHelloFields): string {
    const length = this.#setKey(hello);
    if (length === 0) return ja4(hello);
    const key = this.#keyBytes.toString('utf16le', 0, length * 2);
    let fingerprint = this.#known.get(key);
    if (fingerprint === undefined) {
      fingerprint = ja4(hello);
      if (this.#known.size >= MOST_KNOWN) this.#known.delete(this.#known.keys().next().value!);
      this.#known.set(key, fingerprint);
    }
    return fingerprint;
  }

  /** Returns the key's length, 0 where the hello is too long. */
  #setKey(hello: ClientHelloFields): number {
    const { ciphers, extensions, signatureAlgorithms, alpn } = hello;
    if (ciphers.length + extensions.length + signatureAlgorithms.length + 6 > LONGEST_KEY) return 0;
    const key = this.#key;
    key[0] = versionOf(hello);
    // Of ALPN the fingerprint shows the first and the last byte; 0 is for none.
    key[1] = alpn.length === 0 ? 0 : 1 + alpn[0];
    key[2] = alpn.length === 0 ? 0 : 1 + alpn[alpn.length - 1];
    const ciphersEnd = append(key, 6, ciphers);
    const extensionsEnd = append(key, ciphersEnd, extensions);
    const end = append(key, extensionsEnd, signatureAlgorithms);
    key.subarray(6, ciphersEnd).sort();
    key.subarray(ciphersEnd, extensionsEnd).sort();
    key[3] = ciphersEnd;
    key[4] = extensionsEnd;
    key[5] = end;
    return end;
  }
}

/** Appends the values that are no GREASE; returns where they end. */
function append(key: Uint16Array, at: number, values: readonly number[]): number {
  for (const value of values) if (isNoGrease(value)) key[at++] = value;
  return at;
}
