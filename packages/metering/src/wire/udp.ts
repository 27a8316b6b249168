import { type DecodedPacket, STEP_DONE, type Step, u16 } from './decoded-packet.ts';
import { SKIP_UDP_SHORT } from './skip.ts';

/** UDP (RFC 768); UDP-Lite and DCCP are not read. */
const SOURCE_PORT = 0;
const DESTINATION_PORT = 2;
export const UDP_HEADER = 8;
/** As much must have been captured. */
const NEEDED = 4;

/** Reads a UDP header. A datagram that is too short for one is metered without ports. */
export function decodeUdp(packet: DecodedPacket): Step {
  const { bytes, at, end } = packet;
  if (packet.transportLength < UDP_HEADER) return STEP_DONE;
  if (at + NEEDED > end) return SKIP_UDP_SHORT;
  packet.sourcePort = u16(bytes, at + SOURCE_PORT);
  packet.destinationPort = u16(bytes, at + DESTINATION_PORT);
  packet.payloadLength = packet.transportLength - UDP_HEADER;
  return STEP_DONE;
}
