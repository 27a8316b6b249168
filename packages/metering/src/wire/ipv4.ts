import {
  type DecodedPacket,
  FRAGMENT_FIRST,
  FRAGMENT_LATER,
  FRAGMENT_NONE,
  STEP_TRANSPORT,
  type Step,
  u16,
} from './decoded-packet.ts';
import { SKIP_IPV4_HEADER_LENGTH, SKIP_IPV4_SHORT, SKIP_IPV4_TOTAL_LENGTH } from './skip.ts';

/** IPv4 (RFC 791). */
const HEADER_LENGTH = 0;
const TOTAL_LENGTH = 2;
const IDENTIFICATION = 4;
const FLAGS_AND_OFFSET = 6;
const PROTOCOL = 9;
const SOURCE = 12;
const DESTINATION = 16;
const MINIMUM_HEADER = 20;
const MORE_FRAGMENTS = 0x2000;
const OFFSET_MASK = 0x1fff;
/** Addresses are kept in their IPv4-mapped IPv6 form, ::ffff:a.b.c.d (RFC 4291), so that the versions never collide. */
export const IPV4_MAPPED = 0xffff;

/** Reads an IPv4 header. */
export function decodeIpv4(packet: DecodedPacket): Step {
  const { bytes, view, at, end } = packet;
  if (at + MINIMUM_HEADER > end) return SKIP_IPV4_SHORT;
  const header = (bytes[at + HEADER_LENGTH] & 0x0f) << 2;
  if (header < MINIMUM_HEADER || at + header > end) return SKIP_IPV4_HEADER_LENGTH;
  let length = u16(bytes, at + TOTAL_LENGTH);
  // Segmentation offload leaves 0; the wire length is then the only truth.
  if (length === 0) length = packet.wireEnd - at;
  if (length < header) return SKIP_IPV4_TOTAL_LENGTH;
  const fragment = u16(bytes, at + FLAGS_AND_OFFSET);
  if ((fragment & (MORE_FRAGMENTS | OFFSET_MASK)) === 0) {
    packet.fragment = FRAGMENT_NONE;
  } else {
    packet.fragment = (fragment & OFFSET_MASK) === 0 ? FRAGMENT_FIRST : FRAGMENT_LATER;
    packet.fragmentId = u16(bytes, at + IDENTIFICATION);
    packet.fragmentOffset = (fragment & OFFSET_MASK) << 3;
  }
  packet.version = 4;
  packet.protocol = bytes[at + PROTOCOL];
  packet.source0 = 0;
  packet.source1 = 0;
  packet.source2 = IPV4_MAPPED;
  packet.source3 = view.getInt32(at + SOURCE);
  packet.destination0 = 0;
  packet.destination1 = 0;
  packet.destination2 = IPV4_MAPPED;
  packet.destination3 = view.getInt32(at + DESTINATION);
  packet.ipLength = length;
  packet.transportLength = length - header;
  packet.at = at + header;
  // What lies behind the IP packet (Ethernet padding, checksums) belongs to no header.
  if (at + length < end) packet.end = at + length;
  return STEP_TRANSPORT;
}
