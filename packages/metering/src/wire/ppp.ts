import { ETHERTYPE_IPV4, ETHERTYPE_MPLS } from './ether-type.ts';
import { type DecodedPacket, STEP_ETHER_TYPE, STEP_IP, STEP_PPP, type Step, u16 } from './decoded-packet.ts';
import { SKIP_NOT_IP, SKIP_PPP_CONTROL, SKIP_PPP_SHORT, SKIP_PPPOE_SHORT } from './skip.ts';

/** PPP protocol numbers (RFC 1661 and IANA). */
const PPP_IPV4 = 0x0021;
const PPP_IPV6 = 0x0057;
/** RFC 3032, section 4.3. */
const PPP_MPLS = 0x0281;
const PPP_MPLS_MULTICAST = 0x0283;
/** Control protocols (LCP, IPCP, authentication) start here. */
const PPP_FIRST_CONTROL = 0x8000;
/** HDLC-like framing (RFC 1662): address 0xff, control 0x03, before the protocol. */
const HDLC_ADDRESS = 0xff;
const HDLC_CONTROL = 0x03;
/** Cisco HDLC addresses: unicast and multicast. */
const CISCO_UNICAST = 0x0f;
const CISCO_MULTICAST = 0x8f;
const CISCO_HEADER = 4;
const CISCO_TYPE = 2;

/** PPPoE session header (RFC 2516). */
const PPPOE_CODE = 1;
const PPPOE_HEADER = 6;
const PPPOE_SESSION_DATA = 0;

/** Reads the PPP protocol field, of one or two bytes, with or without HDLC-like framing. */
export function decodePpp(packet: DecodedPacket): Step {
  const { bytes, end } = packet;
  let at = packet.at;
  if (at + 4 > end) return SKIP_PPP_SHORT;
  if (bytes[at] === HDLC_ADDRESS && bytes[at + 1] === HDLC_CONTROL) at += 2;
  let protocol: number;
  // The low bit of the first byte is set where the field was compressed to one byte.
  if ((bytes[at] & 1) !== 0) {
    protocol = bytes[at];
    at += 1;
  } else {
    protocol = u16(bytes, at);
    at += 2;
  }
  packet.at = at;
  if (protocol === PPP_IPV4 || protocol === PPP_IPV6) return STEP_IP;
  if (protocol === PPP_MPLS || protocol === PPP_MPLS_MULTICAST) {
    packet.etherType = ETHERTYPE_MPLS;
    return STEP_ETHER_TYPE;
  }
  return protocol >= PPP_FIRST_CONTROL ? SKIP_PPP_CONTROL : SKIP_NOT_IP;
}

/** PPP with HDLC framing as captured from serial lines, which may be Cisco HDLC instead. */
export function decodePppSerial(packet: DecodedPacket): Step {
  const { bytes, at, end } = packet;
  if (at + 4 > end) return SKIP_PPP_SHORT;
  if (bytes[at] === CISCO_UNICAST || bytes[at] === CISCO_MULTICAST) return decodeCiscoHdlc(packet);
  return decodePpp(packet);
}

/** Cisco HDLC: address, control, EtherType. */
export function decodeCiscoHdlc(packet: DecodedPacket): Step {
  const { bytes, at, end } = packet;
  if (at + CISCO_HEADER > end) return SKIP_PPP_SHORT;
  if (bytes[at] === HDLC_ADDRESS && bytes[at + 1] === HDLC_CONTROL) return decodePpp(packet);
  packet.etherType = u16(bytes, at + CISCO_TYPE);
  packet.at = at + CISCO_HEADER;
  return packet.etherType === ETHERTYPE_IPV4 ? STEP_IP : STEP_ETHER_TYPE;
}

/** PPPoE session: PPP follows. */
export function decodePppoe(packet: DecodedPacket): Step {
  const { bytes, at, end } = packet;
  if (at + PPPOE_HEADER > end) return SKIP_PPPOE_SHORT;
  packet.at = at + PPPOE_HEADER;
  return bytes[at + PPPOE_CODE] === PPPOE_SESSION_DATA ? STEP_PPP : SKIP_PPP_CONTROL;
}
