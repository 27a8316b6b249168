/** Longest name that is kept: that of DNS (RFC 1035). */
const LONGEST_NAME = 253;

/**
 * Text of a name as it was on the wire: printable ASCII in lower case, everything else as `?`, so that no terminal or log is
 * told what to do.
 */
export function nameText(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end && text.length < LONGEST_NAME; at++) {
    const byte = bytes[at];
    text += byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '?';
  }
  return text.toLowerCase();
}
