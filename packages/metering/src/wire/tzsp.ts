import { type DecodedPacket, STEP_DONE, STEP_ETHERNET, type Step, u16 } from './decoded-packet.ts';
import { TUNNEL_TZSP } from './tunnel.ts';
import { UDP_HEADER } from './udp.ts';

/** TaZmen Sniffer Protocol: frames sent by a remote capture. */
export const TZSP_PORT = 37008;
const VERSION = 0;
const TYPE = 1;
const ENCAPSULATED = 2;
const HEADER = 4;
const VERSION_1 = 1;
const TYPE_RECEIVED = 0;
const ENCAPSULATED_ETHERNET = 1;
const TAG_PADDING = 0;
const TAG_END = 1;

/** An Ethernet frame in TZSP. Other content stays a UDP packet. */
export function decodeTzsp(packet: DecodedPacket): Step {
  const { bytes, end } = packet;
  let at = packet.at + UDP_HEADER;
  if (at + HEADER > end) return STEP_DONE;
  if (bytes[at + VERSION] !== VERSION_1 || bytes[at + TYPE] !== TYPE_RECEIVED) return STEP_DONE;
  if (u16(bytes, at + ENCAPSULATED) !== ENCAPSULATED_ETHERNET) return STEP_DONE;
  at += HEADER;
  for (;;) {
    if (at >= end) return STEP_DONE;
    const tag = bytes[at];
    if (tag === TAG_END) break;
    if (tag === TAG_PADDING) at += 1;
    else if (at + 1 >= end) return STEP_DONE;
    else at += 2 + bytes[at + 1];
  }
  packet.at = at + 1;
  packet.tunnel = TUNNEL_TZSP;
  return STEP_ETHERNET;
}
