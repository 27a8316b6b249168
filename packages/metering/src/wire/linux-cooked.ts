import { type DecodedPacket, STEP_ETHER_TYPE, type Step, u16 } from './decoded-packet.ts';
import { LARGEST_8023_LENGTH } from './ether-type.ts';
import { SKIP_FRAME_SHORT, SKIP_NOT_IP } from './skip.ts';

/** LINKTYPE_LINUX_SLL: packet type, address type, address length, address, protocol. */
const V1_PROTOCOL = 14;
const V1_HEADER = 16;
/** LINKTYPE_LINUX_SLL2: protocol first. */
const V2_PROTOCOL = 0;
const V2_HEADER = 20;

/** Linux cooked capture, version 1. */
export function decodeLinuxCooked(packet: DecodedPacket): Step {
  return cooked(packet, V1_PROTOCOL, V1_HEADER);
}

/** Linux cooked capture, version 2. */
export function decodeLinuxCookedV2(packet: DecodedPacket): Step {
  return cooked(packet, V2_PROTOCOL, V2_HEADER);
}

function cooked(packet: DecodedPacket, protocolAt: number, header: number): Step {
  const { bytes, at, end } = packet;
  if (at + header > end) return SKIP_FRAME_SHORT;
  packet.etherType = u16(bytes, at + protocolAt);
  packet.at = at + header;
  // Small values name 802.3, LLC, CAN and the like instead of an EtherType.
  return packet.etherType > LARGEST_8023_LENGTH ? STEP_ETHER_TYPE : SKIP_NOT_IP;
}
