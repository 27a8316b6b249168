import { type DecodedPacket, STEP_DONE, type Step } from './decoded-packet.ts';
import { PROTOCOL_ICMP } from './ip-protocol.ts';

/** ICMP (RFC 792) and ICMPv6 (RFC 4443): type, code, checksum, four bytes that depend on the type. */
const TYPE = 0;
const CODE = 1;
const HEADER = 8;
/** Where the type was not captured: a reserved value that names no message. */
const UNKNOWN = 255;

export const ICMP_ECHO_REPLY = 0;
export const ICMP_TIMESTAMP_REPLY = 14;
export const ICMP_INFORMATION_REPLY = 16;
export const ICMP_ADDRESS_MASK_REPLY = 18;
export const ICMPV6_ECHO_REPLY = 129;

/** Reads an ICMP or ICMPv6 header. It has no ports: requests and replies of two hosts are one flow. */
export function decodeIcmp(packet: DecodedPacket): Step {
  const { bytes, at, end } = packet;
  const payload = packet.transportLength - HEADER;
  packet.payloadLength = payload > 0 ? payload : 0;
  if (at + 2 > end) {
    packet.icmpType = UNKNOWN;
    packet.icmpCode = UNKNOWN;
    return STEP_DONE;
  }
  packet.icmpType = bytes[at + TYPE];
  packet.icmpCode = bytes[at + CODE];
  return STEP_DONE;
}

/** True for a message that answers another one, so that its sender did not start the exchange. */
export function isIcmpReply(packet: DecodedPacket): boolean {
  const type = packet.icmpType;
  if (packet.protocol !== PROTOCOL_ICMP) return type === ICMPV6_ECHO_REPLY;
  return (
    type === ICMP_ECHO_REPLY ||
    type === ICMP_TIMESTAMP_REPLY ||
    type === ICMP_INFORMATION_REPLY ||
    type === ICMP_ADDRESS_MASK_REPLY
  );
}
