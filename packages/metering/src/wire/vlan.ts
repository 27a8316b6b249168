import { type DecodedPacket, STEP_ETHER_TYPE, type Step, u16 } from './decoded-packet.ts';
import { SKIP_VLAN_SHORT } from './skip.ts';

/** IEEE 802.1Q tag; 802.1ad and older QinQ tags have the same form. */
const TAG_CONTROL = 0;
const TYPE = 2;
const HEADER = 4;
const IDENTIFIER_MASK = 0x0fff;

/** Reads one tag. With several, the innermost identifier stays. */
export function decodeVlan(packet: DecodedPacket): Step {
  const { bytes, at, end } = packet;
  if (at + HEADER > end) return SKIP_VLAN_SHORT;
  packet.vlan = u16(bytes, at + TAG_CONTROL) & IDENTIFIER_MASK;
  packet.etherType = u16(bytes, at + TYPE);
  packet.at = at + HEADER;
  return STEP_ETHER_TYPE;
}
