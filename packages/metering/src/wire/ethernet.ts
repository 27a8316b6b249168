import { LARGEST_8023_LENGTH } from './ether-type.ts';
import { type DecodedPacket, STEP_ETHER_TYPE, type Step, u16 } from './decoded-packet.ts';
import { SKIP_FRAME_SHORT, SKIP_NOT_IP } from './skip.ts';

/** Ethernet II and IEEE 802.3 with LLC/SNAP. */
const TYPE = 12;
const HEADER = 14;
/** LLC (3 bytes), organisation code (3), EtherType (2). */
export const SNAP_HEADER = 8;
const SNAP_TYPE = 6;
const SNAP_SAP = 0xaa;

/** Reads an Ethernet header: an EtherType follows, or with 802.3 the one inside a SNAP header. */
export function decodeEthernet(packet: DecodedPacket): Step {
  const { bytes, at, end } = packet;
  if (at + HEADER > end) return SKIP_FRAME_SHORT;
  const type = u16(bytes, at + TYPE);
  packet.at = at + HEADER;
  if (type > LARGEST_8023_LENGTH) {
    packet.etherType = type;
    return STEP_ETHER_TYPE;
  }
  return decodeSnap(packet);
}

/** Reads an LLC/SNAP header; other LLC users (spanning tree, NetBEUI) carry no IP. */
export function decodeSnap(packet: DecodedPacket): Step {
  const { bytes, at, end } = packet;
  if (at + SNAP_HEADER > end) return SKIP_NOT_IP;
  if (bytes[at] !== SNAP_SAP || bytes[at + 1] !== SNAP_SAP) return SKIP_NOT_IP;
  packet.etherType = u16(bytes, at + SNAP_TYPE);
  packet.at = at + SNAP_HEADER;
  return STEP_ETHER_TYPE;
}
