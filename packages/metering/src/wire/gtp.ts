import { type DecodedPacket, STEP_DONE, STEP_IP, type Step } from './decoded-packet.ts';
import { TUNNEL_GTP } from './tunnel.ts';
import { UDP_HEADER } from './udp.ts';

/** GTPv1-U (3GPP TS 29.281). */
export const GTP_PORT = 2152;
const FLAGS = 0;
const MESSAGE_TYPE = 1;
const HEADER = 8;
const VERSION_SHIFT = 5;
const VERSION_1 = 1;
const MESSAGE_T_PDU = 0xff;
const ANY_OPTION = 0x07;
const EXTENSION = 0x04;
const OPTIONAL_FIELDS = 4;

/** A user packet in a GTP tunnel: its IP header follows. Signalling stays a UDP packet. */
export function decodeGtp(packet: DecodedPacket): Step {
  const { bytes, end } = packet;
  let at = packet.at + UDP_HEADER;
  if (at + HEADER >= end) return STEP_DONE;
  const flags = bytes[at + FLAGS];
  if (flags >> VERSION_SHIFT !== VERSION_1 || bytes[at + MESSAGE_TYPE] !== MESSAGE_T_PDU) return STEP_DONE;
  at += HEADER;
  if ((flags & ANY_OPTION) !== 0) at += OPTIONAL_FIELDS;
  if ((flags & EXTENSION) !== 0 && at <= end && bytes[at - 1] !== 0) {
    // Extension headers: length in 4-byte units first, the type of the next one last.
    for (;;) {
      if (at >= end || bytes[at] === 0) return STEP_DONE;
      at += bytes[at] << 2;
      if (at > end) return STEP_DONE;
      if (bytes[at - 1] === 0) break;
    }
  }
  if (at >= end) return STEP_DONE;
  packet.at = at;
  packet.tunnel = TUNNEL_GTP;
  return STEP_IP;
}
