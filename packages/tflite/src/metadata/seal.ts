import { createHash } from 'node:crypto';
import { TfliteError } from '../error.ts';
import { appendAssociatedFiles, END_SIGNATURE, END_SIZE, findEndRecord, modelPart } from './zip.ts';

/** A SHA-256 digest in lower-case hexadecimal digits. */
const DIGEST_LENGTH = 64;

/**
 * Puts a SHA-256 digest of the whole file into the comment of its archive, so that any later change is noticed. A file
 * without an archive gets an empty one; another comment is replaced.
 *
 * The digest covers every byte before the comment's content, the length of the comment included. The rest is the digest
 * itself: no byte of the file is left uncovered, and nothing can follow it.
 */
export function sealFile(bytes: Uint8Array): Uint8Array {
  const withArchive = findEndRecord(bytes) === -1 ? appendAssociatedFiles(bytes, []) : bytes;
  const end = findEndRecord(withArchive);
  const covered = end + END_SIZE;
  const sealed = new Uint8Array(covered + DIGEST_LENGTH);
  sealed.set(withArchive.subarray(0, covered));
  new DataView(sealed.buffer).setUint16(end + 20, DIGEST_LENGTH, true);
  sealed.set(new TextEncoder().encode(sha256(sealed.subarray(0, covered))), covered);
  return sealed;
}

/** Throws `TfliteError` unless the file is exactly as `sealFile` left it. */
export function verifySeal(bytes: Uint8Array): void {
  const covered = bytes.byteLength - DIGEST_LENGTH;
  const end = covered - END_SIZE;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (end < 0 || view.getUint32(end, true) !== END_SIGNATURE || view.getUint16(end + 20, true) !== DIGEST_LENGTH) {
    throw new TfliteError(
      'seal',
      'the file has no digest at its end: it was never sealed, or is truncated or extended',
    );
  }
  const stated = Buffer.from(bytes.buffer, bytes.byteOffset + covered, DIGEST_LENGTH).toString('latin1');
  if (stated !== sha256(bytes.subarray(0, covered))) {
    throw new TfliteError('seal', 'the digest at the end of the file does not match its bytes: the file was changed');
  }
}

/** SHA-256, in hexadecimal digits, of the flatbuffer alone: the identity of graph and weights, whatever files follow. */
export function modelDigest(bytes: Uint8Array): string {
  return sha256(modelPart(bytes));
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
