import { type DecodedPacket, STEP_DONE, type Step, u16 } from './decoded-packet.ts';
import { SKIP_TCP_SHORT } from './skip.ts';

/** TCP (RFC 9293). */
const SOURCE_PORT = 0;
const DESTINATION_PORT = 2;
const SEQUENCE = 4;
const ACKNOWLEDGMENT = 8;
const DATA_OFFSET = 12;
const FLAGS = 13;
const WINDOW = 14;
const MINIMUM_HEADER = 20;
/** As much must have been captured; a snap length may cut the rest. */
const NEEDED = 16;

export const TCP_FIN = 0x01;
export const TCP_SYN = 0x02;
export const TCP_RST = 0x04;
export const TCP_PSH = 0x08;
export const TCP_ACK = 0x10;
export const TCP_URG = 0x20;

/** Reads a TCP header. A segment that is too short for one is metered without ports. */
export function decodeTcp(packet: DecodedPacket): Step {
  const { bytes, view, at, end } = packet;
  if (packet.transportLength < MINIMUM_HEADER) return STEP_DONE;
  if (at + NEEDED > end) return SKIP_TCP_SHORT;
  packet.sourcePort = u16(bytes, at + SOURCE_PORT);
  packet.destinationPort = u16(bytes, at + DESTINATION_PORT);
  packet.tcpSequence = view.getInt32(at + SEQUENCE);
  packet.tcpAcknowledgment = view.getInt32(at + ACKNOWLEDGMENT);
  packet.tcpFlags = bytes[at + FLAGS];
  packet.tcpWindow = u16(bytes, at + WINDOW);
  const header = (bytes[at + DATA_OFFSET] >> 4) << 2;
  const payload = packet.transportLength - (header < MINIMUM_HEADER ? MINIMUM_HEADER : header);
  packet.payloadLength = payload > 0 ? payload : 0;
  return STEP_DONE;
}
