import { type DecodedPacket, STEP_IP, type Step } from './decoded-packet.ts';
import { SKIP_FRAME_SHORT, SKIP_NOT_IP } from './skip.ts';

/** ARCNET as Linux captures it: source, destination, offset (2 bytes), type; with RFC 1201 split flag and sequence number. */
const TYPE = 4;
const OLD_HEADER = 5;
const SPLIT_FLAG = 5;
const HEADER = 8;
const IPV6 = 196;
const IPV4 = 212;
/** RFC 1051. */
const IPV4_OLD = 240;

/** Reads an ARCNET header. Later parts of a split packet have no IP header. */
export function decodeArcnet(packet: DecodedPacket): Step {
  const { bytes, at, end } = packet;
  if (at + OLD_HEADER > end) return SKIP_FRAME_SHORT;
  const type = bytes[at + TYPE];
  if (type === IPV4_OLD) {
    packet.at = at + OLD_HEADER;
    return STEP_IP;
  }
  if (type !== IPV4 && type !== IPV6) return SKIP_NOT_IP;
  if (at + HEADER > end) return SKIP_FRAME_SHORT;
  const split = bytes[at + SPLIT_FLAG];
  // The first part has an odd flag, later ones an even one that is not 0.
  if (split !== 0 && (split & 1) === 0) return SKIP_NOT_IP;
  packet.at = at + HEADER;
  return STEP_IP;
}
