import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { UserError } from '@edgeguard/contracts';
import {
  ALGORITHM_BYTES,
  commentOf,
  decodeLine,
  encodeLine,
  formatKeyId,
  KEY_ID_BYTES,
  sameBytes,
  splitLines,
} from './encoding.ts';

/** An Ed25519 key (RFC 8032) that checks signatures, with the number that minisign gives to a pair of keys. */
export interface PublicKey {
  /** 8 bytes. */
  readonly id: Uint8Array;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/** A pair of keys. Whoever has it signs in its name. */
export interface SecretKey extends PublicKey {
  /** 32 bytes, from which Ed25519 derives all else. */
  readonly seed: Uint8Array;
}

const KEY_BYTES = 32;
const SEED_BYTES = 32;
const ED25519 = ascii('Ed');
const BLAKE2B = ascii('B2');
const SCRYPT = ascii('Sc');
const NO_DERIVATION = new Uint8Array(2);

/** Behind the three algorithms of a secret key: salt of 32 bytes, two limits of 8; zero without a password. */
const DERIVATION_BYTES = 48;
const CHECKSUM_BYTES = 32;
const SECRET_BYTES = 3 * ALGORITHM_BYTES + DERIVATION_BYTES + KEY_ID_BYTES + SEED_BYTES + KEY_BYTES + CHECKSUM_BYTES;

const COMMENT = 'untrusted comment: ';

/** A new pair of keys from the system's source of randomness. */
export function createSecretKey(): SecretKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { d, x } = privateKey.export({ format: 'jwk' });
  return { id: new Uint8Array(randomBytes(KEY_ID_BYTES)), key: fromBase64Url(x!), seed: fromBase64Url(d!) };
}

/** The one line of base64 that minisign takes as `-P`. */
export function publicKeyText({ id, key }: PublicKey): string {
  return encodeLine(ED25519, id, key);
}

/** A public key file (`*.pub`). */
export function formatPublicKey(key: PublicKey): string {
  return `${COMMENT}minisign public key ${formatKeyId(key.id)}\n${publicKeyText(key)}\n`;
}

/** A secret key file without a password, as `minisign -G -W` writes it. Its checksum is left empty there too. */
export function formatSecretKey({ id, key, seed }: SecretKey): string {
  const rest = [new Uint8Array(DERIVATION_BYTES), id, seed, key, new Uint8Array(CHECKSUM_BYTES)];
  return `${COMMENT}minisign secret key ${formatKeyId(id)}\n${encodeLine(ED25519, NO_DERIVATION, BLAKE2B, ...rest)}\n`;
}

/**
 * Reads a public key: a file's content, or its line of base64 alone.
 *
 * @throws UserError that names the place and what is wrong there
 */
export function parsePublicKey(place: string, content: Uint8Array | string): PublicKey {
  const bytes = decodeLine(place, keyLine(place, content), ALGORITHM_BYTES + KEY_ID_BYTES + KEY_BYTES, 'public key');
  const parts = new Parts(bytes);
  if (!sameBytes(parts.take(ALGORITHM_BYTES), ED25519)) {
    throw new UserError(place, 'it is not an Ed25519 key', 'give a public key of minisign');
  }
  return { id: parts.take(KEY_ID_BYTES), key: parts.take(KEY_BYTES) };
}

/**
 * Reads a secret key file without a password.
 *
 * @throws UserError that names the place and what is wrong there, or that the key has a password
 */
export function parseSecretKey(place: string, content: Uint8Array | string): SecretKey {
  const parts = new Parts(decodeLine(place, keyLine(place, content), SECRET_BYTES, 'secret key'));
  const algorithm = parts.take(ALGORITHM_BYTES);
  const derivation = parts.take(ALGORITHM_BYTES);
  const checksum = parts.take(ALGORITHM_BYTES);
  if (!sameBytes(algorithm, ED25519) || !sameBytes(checksum, BLAKE2B)) {
    throw new UserError(place, 'it is not an Ed25519 key', 'give a secret key of minisign');
  }
  if (sameBytes(derivation, SCRYPT)) {
    throw new UserError(
      place,
      'the key has a password',
      'sign with minisign, or remove it with `minisign -C -W -s KEY`',
    );
  }
  if (!sameBytes(derivation, NO_DERIVATION)) {
    throw new UserError(place, 'it is protected in an unknown way', 'sign with the program that made it');
  }
  parts.take(DERIVATION_BYTES);
  const key = { id: parts.take(KEY_ID_BYTES), seed: parts.take(SEED_BYTES), key: parts.take(KEY_BYTES) };
  // minisign leaves the checksum of such a key empty; this catches the same damage.
  if (!sameBytes(derivedPublicKey(key.seed), key.key)) {
    throw new UserError(place, 'its two halves do not belong together', 'copy it again');
  }
  return key;
}

/** The key as node:crypto takes it for signing. */
export function signingKey({ seed, key }: SecretKey): KeyObject {
  const jwk = { kty: 'OKP', crv: 'Ed25519', d: toBase64Url(seed), x: toBase64Url(key) };
  return createPrivateKey({ key: jwk, format: 'jwk' });
}

/** The key as node:crypto takes it for verifying. */
export function verifyingKey({ key }: PublicKey): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: toBase64Url(key) }, format: 'jwk' });
}

/** PKCS #8 of an Ed25519 key without its public half (RFC 8410), so that node:crypto derives that. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

function derivedPublicKey(seed: Uint8Array): Uint8Array {
  const pkcs8 = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
  return fromBase64Url(createPublicKey(pkcs8).export({ format: 'jwk' }).x!);
}

/** The base64 of a key: the second line behind a comment, or the only one. */
function keyLine(place: string, content: Uint8Array | string): string {
  const lines = splitLines(place, typeof content === 'string' ? Buffer.from(content) : content);
  if (lines.length === 2) commentOf(place, lines[0], COMMENT);
  else if (lines.length !== 1) throw new UserError(place, 'it is not a key', 'give a key in the format of minisign');
  return lines.at(-1)!;
}

/** Takes a run of bytes apart, front to back. */
class Parts {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  take(length: number): Uint8Array {
    return this.#bytes.slice(this.#position, (this.#position += length));
  }
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function fromBase64Url(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64url'));
}

function toBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
