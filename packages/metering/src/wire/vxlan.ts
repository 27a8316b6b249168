import { type DecodedPacket, STEP_DONE, STEP_ETHERNET, type Step } from './decoded-packet.ts';
import { TUNNEL_VXLAN } from './tunnel.ts';
import { UDP_HEADER } from './udp.ts';

/** VXLAN (RFC 7348); Linux used port 8472 before IANA assigned 4789. */
export const VXLAN_PORT = 4789;
export const VXLAN_LINUX_PORT = 8472;
const FLAGS = 0;
const HEADER = 8;
/** The network identifier is valid; all other flags are reserved. */
const HAS_IDENTIFIER = 0x08;
const ETHERNET_HEADER = 14;

/** The Ethernet frame in a VXLAN packet. */
export function decodeVxlan(packet: DecodedPacket): Step {
  const at = packet.at + UDP_HEADER;
  if (at + HEADER + ETHERNET_HEADER > packet.end) return STEP_DONE;
  if (packet.bytes[at + FLAGS] !== HAS_IDENTIFIER) return STEP_DONE;
  packet.at = at + HEADER;
  packet.tunnel = TUNNEL_VXLAN;
  return STEP_ETHERNET;
}
