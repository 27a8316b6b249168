import { open, unlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileProblem, UserError, writeAtomically } from '@edgeguard/contracts';
import {
  createSecretKey,
  formatPublicKey,
  formatSecretKey,
  parsePublicKey,
  parseSecretKey,
  type PublicKey,
  type SecretKey,
} from './keys.ts';
import { parseSignature, SIGNATURE_SUFFIX, signContent, verifySignature } from './signature.ts';

/** Keys and signatures are smaller; what is larger is something else. */
const MAX_SMALL_FILE = 32 * 1024;
/** Far above any detector. */
const MAX_SIGNED_FILE = 512 * 1024 * 1024;
const CHUNK = 1024 * 1024;

/** The base64 of a public key: `Ed` and 40 more bytes. */
const KEY_TEXT = /^RW[A-Za-z0-9+/]{54}$/;

/** Reads a public key: the path of its file, or the base64 line of the key itself. */
export async function readPublicKey(key: string): Promise<PublicKey> {
  return KEY_TEXT.test(key)
    ? parsePublicKey('the public key', key)
    : parsePublicKey(key, await readAtMost(key, MAX_SMALL_FILE));
}

/** Reads a secret key file without a password. */
export async function readSecretKey(path: string): Promise<SecretKey> {
  return parseSecretKey(path, await readAtMost(path, MAX_SMALL_FILE));
}

/**
 * Makes a pair of keys and writes both files; the secret one can be read by its owner alone. Files that exist are never
 * replaced: a lost secret key cannot be had again.
 */
export async function writeKeyPair(secretPath: string, publicPath: string): Promise<PublicKey> {
  const key = createSecretKey();
  await writeNew(secretPath, formatSecretKey(key), 0o600);
  try {
    await writeNew(publicPath, formatPublicKey(key), 0o644);
  } catch (error) {
    await unlink(secretPath);
    throw error;
  }
  return { id: key.id, key: key.key };
}

export interface SignOptions {
  /** Default: beside the file, with {@link SIGNATURE_SUFFIX}. */
  readonly signaturePath?: string;
  /** One line that is signed too. Default: the file's name, without a time, so that signing again gives the same bytes. */
  readonly trustedComment?: string;
}

/** Signs a file and writes the signature. Returns the signature's path. */
export async function signFile(path: string, key: SecretKey, options: SignOptions = {}): Promise<string> {
  const signaturePath = options.signaturePath ?? path + SIGNATURE_SUFFIX;
  const content = await readAtMost(path, MAX_SIGNED_FILE);
  await writeAtomically(
    signaturePath,
    signContent(content, key, options.trustedComment ?? `file:${basename(path)}\thashed`),
  );
  return signaturePath;
}

/**
 * Verifies a file's signature.
 *
 * @param path          the file
 * @param content       its bytes where they were read before, so that what is used is what was verified
 * @returns the trusted comment
 * @throws UserError when there is no signature, or one that does not hold
 */
export async function verifyFile(
  path: string,
  key: PublicKey,
  options: { readonly signaturePath?: string; readonly content?: Uint8Array } = {},
): Promise<string> {
  const content = options.content ?? (await readAtMost(path, MAX_SIGNED_FILE));
  const signaturePath = options.signaturePath ?? path + SIGNATURE_SUFFIX;
  const signature = parseSignature(signaturePath, await readAtMost(signaturePath, MAX_SMALL_FILE));
  verifySignature(path, content, signature, key);
  return signature.trustedComment;
}

/** A whole file of at most so many bytes, also where it says nothing of its size, as a pipe or a device. */
async function readAtMost(path: string, limit: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    const file = await open(path);
    try {
      for (;;) {
        const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(CHUNK, limit + 1 - length)));
        if (bytesRead === 0) break;
        parts.push(buffer.subarray(0, bytesRead));
        length += bytesRead;
        if (length > limit) throw new UserError(path, `it has more than ${limit} bytes`, 'name another file');
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileProblem(path, error);
  }
  return Buffer.concat(parts, length);
}

async function writeNew(path: string, text: string, mode: number): Promise<void> {
  try {
    const file = await open(path, 'wx', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } catch (error) {
      await unlink(path);
      throw error;
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileProblem(path, error);
  }
}
