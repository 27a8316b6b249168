import { IPV4_MAPPED } from '../wire/ipv4.ts';

/** True for an IPv4 address in its IPv4-mapped form, four words at `words[at]`. */
export function isMappedIpv4(words: Int32Array, at: number): boolean {
  return words[at] === 0 && words[at + 1] === 0 && words[at + 2] === IPV4_MAPPED;
}

/**
 * Text of an address held as four 32-bit words, IPv4 in its IPv4-mapped form: dotted decimal for IPv4, the canonical
 * form of RFC 5952 for IPv6.
 */
export function formatAddress(words: Int32Array, at: number): string {
  const last = words[at + 3];
  if (isMappedIpv4(words, at)) {
    return `${last >>> 24}.${(last >>> 16) & 0xff}.${(last >>> 8) & 0xff}.${last & 0xff}`;
  }
  const groups: number[] = [];
  for (let k = 0; k < 4; k++) groups.push(words[at + k] >>> 16, words[at + k] & 0xffff);
  // The longest run of at least two zero groups, the first of equals, becomes "::".
  let runStart = -1;
  let runLength = 1;
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (start + length < groups.length && groups[start + length] === 0) length++;
    if (length > runLength) {
      runStart = start;
      runLength = length;
    }
  }
  const text = groups.map((group) => group.toString(16));
  if (runStart < 0) return text.join(':');
  return `${text.slice(0, runStart).join(':')}::${text.slice(runStart + runLength).join(':')}`;
}
