import { wordSum } from './checksum.ts';

/** An address of one host, IPv4 or IPv6, ready to be put into frames. */
export interface Address {
  readonly family: 4 | 6;
  /** 4 or 16 bytes. */
  readonly bytes: Uint8Array;
  readonly text: string;
  /** 16-bit sum of the bytes, its part of every pseudo-header checksum. */
  readonly sum: number;
  /** The station that sends its frames on the sensor's link: the host itself, the router, or who spoofs ARP. */
  mac: Uint8Array;
  /** TTL or hop limit that its packets have at the sensor. */
  ttl: number;
  /** The identification field of the next IPv4 packet. */
  nextIdentification: number;
}

/** An IPv4 address in dotted notation. */
export function ipv4Address(text: string, mac: Uint8Array, ttl: number): Address {
  const bytes = Uint8Array.from(text.split('.'), Number);
  return {
    family: 4,
    bytes,
    text,
    sum: wordSum(bytes, 0, 4),
    mac,
    ttl,
    nextIdentification: firstIdentification(bytes),
  };
}

/** An IPv6 address from its eight groups. */
export function ipv6Address(groups: readonly number[], mac: Uint8Array, ttl: number): Address {
  const bytes = new Uint8Array(16);
  groups.forEach((group, i) => {
    bytes[2 * i] = group >> 8;
    bytes[2 * i + 1] = group & 0xff;
  });
  return { family: 6, bytes, text: ipv6Text(groups), sum: wordSum(bytes, 0, 16), mac, ttl, nextIdentification: 0 };
}

/** Any start will do, as long as hosts differ. */
function firstIdentification(bytes: Uint8Array): number {
  return Math.imul((bytes[2] << 8) | bytes[3], 40503) & 0xffff;
}

/** The canonical text of an IPv6 address (RFC 5952): the first longest run of two or more zero groups becomes `::`. */
export function ipv6Text(groups: readonly number[]): string {
  let longestAt = -1;
  let longest = 1;
  for (let i = 0; i < 8; i++) {
    let run = 0;
    while (i + run < 8 && groups[i + run] === 0) run++;
    if (run > longest) [longestAt, longest] = [i, run];
    if (run > 0) i += run - 1;
  }
  const hex = groups.map((group) => group.toString(16));
  if (longestAt < 0) return hex.join(':');
  return `${hex.slice(0, longestAt).join(':')}::${hex.slice(longestAt + longest).join(':')}`;
}
