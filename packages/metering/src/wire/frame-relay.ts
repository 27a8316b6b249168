import { type DecodedPacket, STEP_ETHER_TYPE, STEP_IP, type Step, u16 } from './decoded-packet.ts';
import { SKIP_FRAME_SHORT, SKIP_NOT_IP } from './skip.ts';

/** Frame Relay: an address whose last byte has its low bit set (Q.922), then RFC 2427, or Cisco's EtherType at once. */
const LONGEST_ADDRESS = 4;
const UNNUMBERED = 0x03;
const PADDING = 0x00;
const NLPID_SNAP = 0x80;
const NLPID_IPV6 = 0x8e;
const NLPID_IPV4 = 0xcc;
/** Behind the identifier: organisation code (3 bytes), EtherType. */
const SNAP_TYPE = 3;
const SNAP_HEADER = 5;

/** Reads a Frame Relay header. */
export function decodeFrameRelay(packet: DecodedPacket): Step {
  const { bytes, end } = packet;
  let at = packet.at;
  const limit = at + LONGEST_ADDRESS;
  while (at < end && at < limit && (bytes[at] & 1) === 0) at++;
  at++;
  if (at + 2 > end) return SKIP_FRAME_SHORT;
  if (bytes[at] !== UNNUMBERED) {
    packet.etherType = u16(bytes, at);
    packet.at = at + 2;
    return STEP_ETHER_TYPE;
  }
  at++;
  if (bytes[at] === PADDING) at++;
  if (at >= end) return SKIP_FRAME_SHORT;
  const protocol = bytes[at];
  packet.at = at + 1;
  if (protocol === NLPID_IPV4 || protocol === NLPID_IPV6) return STEP_IP;
  if (protocol !== NLPID_SNAP || packet.at + SNAP_HEADER > end) return SKIP_NOT_IP;
  packet.etherType = u16(bytes, packet.at + SNAP_TYPE);
  packet.at += SNAP_HEADER;
  return STEP_ETHER_TYPE;
}
