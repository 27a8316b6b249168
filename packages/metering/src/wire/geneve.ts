import { type DecodedPacket, STEP_DONE, STEP_ETHER_TYPE, type Step, u16 } from './decoded-packet.ts';
import { TUNNEL_GENEVE } from './tunnel.ts';
import { UDP_HEADER } from './udp.ts';

/** Geneve (RFC 8926). */
export const GENEVE_PORT = 6081;
const VERSION_AND_LENGTH = 0;
const PROTOCOL = 2;
const HEADER = 8;
const VERSION_SHIFT = 6;
const OPTION_WORDS = 0x3f;

/** What a Geneve packet carries, named by an EtherType. */
export function decodeGeneve(packet: DecodedPacket): Step {
  const { bytes, end } = packet;
  const at = packet.at + UDP_HEADER;
  if (at + HEADER > end || bytes[at + VERSION_AND_LENGTH] >> VERSION_SHIFT !== 0) return STEP_DONE;
  const next = at + HEADER + ((bytes[at + VERSION_AND_LENGTH] & OPTION_WORDS) << 2);
  if (next >= end) return STEP_DONE;
  packet.etherType = u16(bytes, at + PROTOCOL);
  packet.at = next;
  packet.tunnel = TUNNEL_GENEVE;
  return STEP_ETHER_TYPE;
}
