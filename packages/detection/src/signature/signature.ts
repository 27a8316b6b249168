import { createHash, sign, verify } from 'node:crypto';
import { UserError } from '@edgeguard/contracts';
import {
  ALGORITHM_BYTES,
  checkComment,
  commentOf,
  decodeLine,
  encodeLine,
  formatKeyId,
  KEY_ID_BYTES,
  sameBytes,
  splitLines,
} from './encoding.ts';
import { type PublicKey, type SecretKey, signingKey, verifyingKey } from './keys.ts';

/**
 * A detached signature in the format of minisign (https://jedisct1.github.io/minisign/): one over the content, and a
 * global one over that signature and the trusted comment.
 */
export interface Signature {
  /** Over BLAKE2b-512 of the content (`ED`, what minisign makes today), or over the content itself (`Ed`, older ones). */
  readonly prehashed: boolean;
  /** 8 bytes. */
  readonly keyId: Uint8Array;
  /** 64 bytes. */
  readonly signature: Uint8Array;
  readonly trustedComment: string;
  /** 64 bytes. */
  readonly globalSignature: Uint8Array;
}

/** What is behind a file's name in the name of its signature. */
export const SIGNATURE_SUFFIX = '.minisig';

const SIGNATURE_BYTES = 64;
const UNTRUSTED = 'untrusted comment: ';
const TRUSTED = 'trusted comment: ';
const PREHASHED = 'ED';
const LEGACY = 'Ed';

/** Longer ones minisign does not read. In bytes of UTF-8. */
const MAX_TRUSTED_COMMENT = 8192 - TRUSTED.length - 2;

/**
 * Signs content. The same key, content and comment give the same bytes.
 *
 * @param trustedComment one line; it is signed too
 * @returns the signature file's text
 */
export function signContent(content: Uint8Array, key: SecretKey, trustedComment: string): string {
  checkComment('the trusted comment', trustedComment);
  if (Buffer.byteLength(trustedComment) > MAX_TRUSTED_COMMENT) {
    throw new UserError('the trusted comment', `it has more than ${MAX_TRUSTED_COMMENT} bytes`, 'shorten it');
  }
  const secret = signingKey(key);
  const signature = sign(null, prehash(content), secret);
  const globalSignature = sign(null, globalContent(signature, trustedComment), secret);
  const lines = [
    `${UNTRUSTED}signature from minisign secret key ${formatKeyId(key.id)}`,
    encodeLine(Buffer.from(PREHASHED), key.id, signature),
    `${TRUSTED}${trustedComment}`,
    encodeLine(globalSignature),
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * Reads a signature file. Nothing in it is verified by that.
 *
 * @throws UserError that names the place and what is wrong there
 */
export function parseSignature(place: string, content: Uint8Array): Signature {
  const lines = splitLines(place, content);
  if (lines.length !== 4) throw new UserError(place, 'it is not a signature', 'give a signature file of minisign');
  commentOf(place, lines[0], UNTRUSTED);
  const bytes = decodeLine(place, lines[1]!, ALGORITHM_BYTES + KEY_ID_BYTES + SIGNATURE_BYTES, 'signature');
  const algorithm = Buffer.from(bytes.subarray(0, ALGORITHM_BYTES)).toString('latin1');
  if (algorithm !== PREHASHED && algorithm !== LEGACY) {
    throw new UserError(place, 'it was made with an unknown algorithm', 'sign again with minisign or `edgeguard sign`');
  }
  return {
    prehashed: algorithm === PREHASHED,
    keyId: bytes.slice(ALGORITHM_BYTES, ALGORITHM_BYTES + KEY_ID_BYTES),
    signature: bytes.slice(ALGORITHM_BYTES + KEY_ID_BYTES),
    trustedComment: commentOf(place, lines[2], TRUSTED),
    globalSignature: decodeLine(place, lines[3]!, SIGNATURE_BYTES, 'global signature'),
  };
}

/**
 * Verifies content and the trusted comment against a signature.
 *
 * @param place the signed content's name, for the error
 * @throws UserError when the signature is of another key, of other content, or its comment was changed
 */
export function verifySignature(place: string, content: Uint8Array, signature: Signature, key: PublicKey): void {
  if (!sameBytes(signature.keyId, key.id)) {
    throw new UserError(
      place,
      `it is signed with the key ${formatKeyId(signature.keyId)}, not with ${formatKeyId(key.id)}`,
      'do not use it, or give the key of its signer',
    );
  }
  const check = verifyingKey(key);
  const signed = signature.prehashed ? prehash(content) : content;
  if (!verify(null, signed, check, signature.signature)) {
    throw new UserError(place, 'its signature does not match', 'do not use it; get file and signature again');
  }
  const global = globalContent(signature.signature, signature.trustedComment);
  if (!verify(null, global, check, signature.globalSignature)) {
    throw new UserError(place, 'the comment of its signature was changed', 'do not use it; get the signature again');
  }
}

function prehash(content: Uint8Array): Uint8Array {
  return createHash('blake2b512').update(content).digest();
}

function globalContent(signature: Uint8Array, trustedComment: string): Uint8Array {
  return Buffer.concat([signature, Buffer.from(trustedComment)]);
}
