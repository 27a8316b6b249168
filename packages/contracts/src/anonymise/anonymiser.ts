import { createHmac, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { fileProblem } from '../files/file-problem.ts';
import { UserError } from '../user-error.ts';
import { PrefixPreserving } from './prefix-preserving.ts';

const KEY_BYTES = 32;
const MAC = /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i;
/** Bytes of a name's digest that its pseudonym shows: 40 bits. */
const SHOWN_BYTES = 5;
/** Bits of a MAC address's first byte: locally administered, and addressed to a group. */
const LOCAL = 2;
const GROUP = 1;

/**
 * Replaces what identifies somebody by pseudonyms, the same for the same key: addresses so that their prefixes are kept
 * (Crypto-PAn), MAC addresses and names by keyed digests (HMAC-SHA256). Without the key nobody can go back.
 */
export class Anonymiser {
  readonly #key: Uint8Array;
  readonly #addresses: PrefixPreserving;

  /** @param key 32 bytes; by default random, so that pseudonyms of two runs cannot be joined */
  constructor(key: Uint8Array = randomBytes(KEY_BYTES)) {
    this.#key = key;
    this.#addresses = new PrefixPreserving(key);
  }

  /** A pseudonym for an IP address, a MAC address or any other name, by its looks. Nothing stays nothing. */
  identity(text: string): string {
    if (text === '') return '';
    if (isIP(text) !== 0) return this.#addresses.address(text);
    return MAC.test(text) ? this.mac(text) : this.name(text);
  }

  /** A MAC address that no maker has given out; one of a group stays one of a group. */
  mac(text: string): string {
    const digest = this.#digest('mac', text.toLowerCase().replaceAll('-', ':'));
    const isGroup = (Number.parseInt(text.slice(0, 2), 16) & GROUP) !== 0;
    const first = (digest[0]! & ~GROUP) | LOCAL | (isGroup ? GROUP : 0);
    return [first, ...digest.subarray(1, 6)].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
  }

  /** A name of labels between dots, each replaced, so that names of one domain still share its pseudonym; a last dot is no part of it. */
  name(text: string): string {
    const labels = text.toLowerCase().split('.');
    return labels
      .map((label, i) => (label === '' ? '' : `x${this.#short(labels.slice(i).join('.').replace(/\.$/, ''))}`))
      .join('.');
  }

  #short(name: string): string {
    return this.#digest('name', name).subarray(0, SHOWN_BYTES).toString('hex');
  }

  #digest(kind: string, text: string): Buffer {
    return createHmac('sha256', this.#key).update(`${kind}\0${text}`).digest();
  }
}

/**
 * Reads a key: 64 hexadecimal digits, as `openssl rand -hex 32` writes them.
 *
 * @throws UserError for anything else
 */
export async function readAnonymisationKey(path: string): Promise<Uint8Array> {
  let text: string;
  try {
    text = (await readFile(path, 'utf8')).trim();
  } catch (error) {
    throw fileProblem(path, error);
  }
  if (!/^[0-9a-f]{64}$/i.test(text)) {
    throw new UserError(path, 'it is no key of 64 hexadecimal digits', 'make one with: openssl rand -hex 32');
  }
  return Buffer.from(text, 'hex');
}
