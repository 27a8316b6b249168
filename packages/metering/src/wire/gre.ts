import { ETHERTYPE_ARP } from './ether-type.ts';
import { type DecodedPacket, STEP_DONE, STEP_ETHERNET, STEP_ETHER_TYPE, type Step, u16 } from './decoded-packet.ts';
import { TUNNEL_GRE } from './tunnel.ts';

/** GRE (RFC 2784, RFC 2890), with the acknowledgment of PPTP's version 1 (RFC 2637). */
const FLAGS = 0;
const VERSION = 1;
const PROTOCOL = 2;
const HEADER = 4;
const HAS_CHECKSUM = 0x80;
const HAS_ROUTING = 0x40;
const HAS_KEY = 0x20;
const HAS_SEQUENCE = 0x10;
const HAS_ACKNOWLEDGMENT = 0x80;
const VERSION_MASK = 0x07;
const FIELD = 4;
/** ERSPAN types I and II, and III: mirrored Ethernet frames behind their own header. */
const ERSPAN_II = 0x88be;
const ERSPAN_II_HEADER = 8;
const ERSPAN_III = 0x22eb;
const ERSPAN_III_HEADER = 12;
/** Smaller protocol types are not EtherTypes; 0x0000 is a keep-alive. */
const FIRST_ETHER_TYPE = 0x0600;

/** What GRE carries. Protocols that are no EtherType, and source routing, stay a GRE packet. */
export function decodeGre(packet: DecodedPacket): Step {
  const { bytes, at, end } = packet;
  if (at + HEADER > end) return STEP_DONE;
  const flags = bytes[at + FLAGS];
  const type = u16(bytes, at + PROTOCOL);
  const version = bytes[at + VERSION] & VERSION_MASK;
  if ((flags & HAS_ROUTING) !== 0 || version > 1 || type < FIRST_ETHER_TYPE || type === ETHERTYPE_ARP) return STEP_DONE;
  let next = at + HEADER;
  if ((flags & HAS_CHECKSUM) !== 0) next += FIELD;
  if ((flags & HAS_KEY) !== 0) next += FIELD;
  if ((flags & HAS_SEQUENCE) !== 0) next += FIELD;
  if (version === 1 && (bytes[at + VERSION] & HAS_ACKNOWLEDGMENT) !== 0) next += FIELD;
  // A bare acknowledgment of PPTP carries nothing.
  if (version === 1 && (flags & HAS_SEQUENCE) === 0) return STEP_DONE;
  const isErspan = type === ERSPAN_II || type === ERSPAN_III;
  if (type === ERSPAN_III) next += ERSPAN_III_HEADER;
  // Type I has no sequence number and no header of its own.
  else if (type === ERSPAN_II && (flags & HAS_SEQUENCE) !== 0) next += ERSPAN_II_HEADER;
  if (next >= end) return STEP_DONE;
  packet.at = next;
  packet.etherType = type;
  packet.tunnel = TUNNEL_GRE;
  return isErspan ? STEP_ETHERNET : STEP_ETHER_TYPE;
}
