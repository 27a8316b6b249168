import { UserError } from '@edgeguard/contracts';

/** Bytes before the key's own in every key and signature: what it is for and by which key. */
export const ALGORITHM_BYTES = 2;
export const KEY_ID_BYTES = 8;

/** Decodes a line of base64 of an exact length. Anything but the one canonical spelling is refused. */
export function decodeLine(place: string, line: string, length: number, what: string): Uint8Array {
  const bytes = Buffer.from(line, 'base64');
  if (bytes.length !== length || bytes.toString('base64') !== line) {
    throw new UserError(place, `its ${what} is not base64 of ${length} bytes`, 'copy it again');
  }
  return new Uint8Array(bytes);
}

export function encodeLine(...parts: readonly Uint8Array[]): string {
  return Buffer.concat(parts).toString('base64');
}

/** The lines of a small text file. A carriage return before a line feed is no part of a line. */
export function splitLines(place: string, bytes: Uint8Array): string[] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new UserError(place, 'it is not text in UTF-8', 'name another file', { cause: error });
  }
  const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  while (lines.at(-1) === '') lines.pop();
  return lines;
}

/** The comment behind a prefix that the format demands. */
export function commentOf(place: string, line: string | undefined, prefix: string): string {
  if (line?.startsWith(prefix)) return checkComment(place, line.slice(prefix.length));
  throw new UserError(
    place,
    `a line does not begin with "${prefix.trimEnd()}"`,
    'name a file in the format of minisign',
  );
}

/** Returns a comment that fits in a line and does nothing to a terminal. A tab is fine: minisign writes some. */
export function checkComment(place: string, comment: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (!/[\u0000-\u0008\u000A-\u001F\u007F-\u009F\u2028\u2029]/u.test(comment)) return comment;
  throw new UserError(place, 'a comment has control characters', 'write comments of one printable line');
}

/** A key's number the way minisign prints it: 8 bytes, the lowest first, in hexadecimal without leading zeros. */
export function formatKeyId(id: Uint8Array): string {
  return Buffer.from(id).readBigUInt64LE().toString(16).toUpperCase();
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
