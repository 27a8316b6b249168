import { type DecodedPacket, STEP_IP, type Step, i32 } from './decoded-packet.ts';
import { SKIP_FRAME_SHORT, SKIP_NOT_IP } from './skip.ts';

/** LINKTYPE_NULL and LINKTYPE_LOOP: a 4-byte address family in the capturing host's byte order. */
const HEADER = 4;
const FAMILY_IPV4 = 2;
/** AF_INET6 on NetBSD and OpenBSD, FreeBSD, Darwin, Linux, Windows. */
const FAMILIES_IPV6 = [24, 28, 30, 10, 23];

/** Reads the address family, whichever byte order it has. */
export function decodeLoopback(packet: DecodedPacket): Step {
  const { bytes, at, end } = packet;
  if (at + HEADER > end) return SKIP_FRAME_SHORT;
  const big = i32(bytes, at);
  const family = (big & 0xffff) === 0 ? bytes[at] | (bytes[at + 1] << 8) : big;
  packet.at = at + HEADER;
  return family === FAMILY_IPV4 || FAMILIES_IPV6.includes(family) ? STEP_IP : SKIP_NOT_IP;
}
