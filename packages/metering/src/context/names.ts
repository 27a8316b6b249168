/** Longest name that is kept: that of DNS (RFC 1035). */
export const LONGEST_NAME = 253;

/** Room for the longest name with a dot before its last label. */
const text = Buffer.alloc(LONGEST_NAME + 1);
const DOT = 0x2e;
const QUESTION_MARK = 0x3f;

/**
 * Text of a name as it was on the wire: printable ASCII in lower case, everything else as `?`, so that no terminal or log is
 * told what to do.
 */
export function nameText(bytes: Uint8Array, start: number, end: number): string {
  const last = Math.min(end, start + LONGEST_NAME);
  for (let at = start; at < last; at++) text[at - start] = shown(bytes[at]);
  return text.toString('latin1', 0, Math.max(0, last - start));
}

/** Puts a name together label by label, with dots between; made into a string once, at its end. */
export class NameBuilder {
  /** Characters so far. */
  length = 0;

  clear(): void {
    this.length = 0;
  }

  /** Adds a label of at most 63 bytes to a name that has room for it: `length` and the label's stay below 254. */
  label(bytes: Uint8Array, start: number, end: number): void {
    let length = this.length;
    if (length > 0) text[length++] = DOT;
    for (let at = start; at < end; at++) text[length++] = shown(bytes[at]);
    this.length = length;
  }

  toString(): string {
    return text.toString('latin1', 0, this.length);
  }
}

function shown(byte: number): number {
  if (byte <= 0x20 || byte >= 0x7f) return QUESTION_MARK;
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}
