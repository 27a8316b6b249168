import { type DecodedPacket, STEP_TRANSPORT, u16 } from './decoded-packet.ts';
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP } from './ip-protocol.ts';
import { decodeIpv4 } from './ipv4.ts';
import { decodeIpv6 } from './ipv6.ts';

/** Error messages (RFC 792, RFC 4443) quote the packet that they are about, behind eight bytes. */
const QUOTE = 8;
const PORTS = 4;
const UNREACHABLE = 3;
const SOURCE_QUENCH = 4;
const TIME_EXCEEDED = 11;
const PARAMETER_PROBLEM = 12;
/** ICMPv6 numbers its errors below 128: unreachable, too big, time exceeded, parameter problem. */
const V6_LAST_ERROR = 4;

/** True for an ICMP or ICMPv6 packet that reports an error. */
export function isIcmpError(packet: DecodedPacket): boolean {
  const type = packet.icmpType;
  if (packet.protocol === PROTOCOL_ICMPV6) return type >= 1 && type <= V6_LAST_ERROR;
  if (packet.protocol !== PROTOCOL_ICMP) return false;
  return type === UNREACHABLE || type === SOURCE_QUENCH || type === TIME_EXCEEDED || type === PARAMETER_PROBLEM;
}

/**
 * Reads addresses, protocol and ports of the packet that an ICMP error quotes, into `quoted`.
 * @returns false where too little of it is there
 */
export function decodeQuoted(error: DecodedPacket, quoted: DecodedPacket): boolean {
  const at = error.at + QUOTE;
  if (at >= error.end) return false;
  quoted.start(error.bytes, at, error.end - at, error.end - at);
  quoted.vlan = error.vlan;
  quoted.tunnel = error.tunnel;
  quoted.sourcePort = 0;
  quoted.destinationPort = 0;
  const step = error.protocol === PROTOCOL_ICMP ? decodeIpv4(quoted) : decodeIpv6(quoted);
  if (step !== STEP_TRANSPORT) return false;
  if (quoted.protocol !== PROTOCOL_TCP && quoted.protocol !== PROTOCOL_UDP) return true;
  if (quoted.at + PORTS > quoted.end) return false;
  quoted.sourcePort = u16(quoted.bytes, quoted.at);
  quoted.destinationPort = u16(quoted.bytes, quoted.at + 2);
  return true;
}
