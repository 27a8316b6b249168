import { type DecodedPacket, u16 } from './decoded-packet.ts';
import { ETHERTYPE_IPV4 } from './ether-type.ts';

/** ARP (RFC 826) for IPv4 over networks with 6-byte addresses. */
const HARDWARE_LENGTH = 4;
const PROTOCOL_TYPE = 2;
const PROTOCOL_LENGTH = 5;
const OPERATION = 6;
const SENDER_MAC = 8;
const SENDER_IP = 14;
const TARGET_MAC = 18;
const TARGET_IP = 24;
const LENGTH = 28;

export const ARP_OPERATION_REQUEST = 1;
export const ARP_OPERATION_REPLY = 2;

/** The fields of one ARP message; reused. MAC addresses as the upper 16 and the lower 32 bits, signed. */
export class ArpMessage {
  operation = 0;
  senderMacHigh = 0;
  senderMacLow = 0;
  senderIp = 0;
  targetMacHigh = 0;
  targetMacLow = 0;
  targetIp = 0;
}

/** Reads the ARP message at the packet's cursor. False for one that is cut, of other addresses, or neither request nor reply. */
export function decodeArp(packet: DecodedPacket, message: ArpMessage): boolean {
  const { bytes, view, at, end } = packet;
  if (at + LENGTH > end) return false;
  if (u16(bytes, at + PROTOCOL_TYPE) !== ETHERTYPE_IPV4) return false;
  if (bytes[at + HARDWARE_LENGTH] !== 6 || bytes[at + PROTOCOL_LENGTH] !== 4) return false;
  message.operation = u16(bytes, at + OPERATION);
  if (message.operation !== ARP_OPERATION_REQUEST && message.operation !== ARP_OPERATION_REPLY) return false;
  message.senderMacHigh = u16(bytes, at + SENDER_MAC);
  message.senderMacLow = view.getInt32(at + SENDER_MAC + 2);
  message.senderIp = view.getInt32(at + SENDER_IP);
  message.targetMacHigh = u16(bytes, at + TARGET_MAC);
  message.targetMacLow = view.getInt32(at + TARGET_MAC + 2);
  message.targetIp = view.getInt32(at + TARGET_IP);
  return true;
}
