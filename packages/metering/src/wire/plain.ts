import { CAPWAP_DATA_PORT } from './capwap.ts';
import { type DecodedPacket, FRAGMENT_NONE } from './decoded-packet.ts';
import { ETHERTYPE_IPV4 } from './ether-type.ts';
import { GENEVE_PORT } from './geneve.ts';
import { GTP_PORT } from './gtp.ts';
import { PROTOCOL_TCP, PROTOCOL_UDP } from './ip-protocol.ts';
import { IPV4_MAPPED } from './ipv4.ts';
import { TZSP_PORT } from './tzsp.ts';
import { UDP_HEADER } from './udp.ts';
import { VXLAN_LINUX_PORT, VXLAN_PORT } from './vxlan.ts';

/** Positions in a frame of Ethernet II and an IPv4 header without options. */
const ETHER_TYPE = 12;
const TOTAL_LENGTH = 16;
const FLAGS_AND_OFFSET = 20;
const PROTOCOL = 23;
const SOURCE = 26;
const DESTINATION = 30;
const TRANSPORT = 34;
const IPV4_HEADER = 20;
const TCP_HEADER = 20;

/** EtherType, version and header length, without the type of service: all three in one comparison. */
const PLAIN = (ETHERTYPE_IPV4 << 16) | 0x4500;
const PLAIN_MASK = ~0xff;
const MORE_FRAGMENTS_OR_OFFSET = 0x3fff;

/**
 * Decodes the frame that a packet was started with at once, if it is of the kind that most are: Ethernet, IPv4 without options
 * and fragments, TCP, or UDP on no tunnel's port, every length in order. Gives what the decoders of the protocols would.
 *
 * @returns false where the frame is of another kind; the packet is then as it was
 */
export function decodePlain(packet: DecodedPacket): boolean {
  const { view, at, end } = packet;
  if (at + TRANSPORT + UDP_HEADER > end) return false;
  if ((view.getInt32(at + ETHER_TYPE) & PLAIN_MASK) !== PLAIN) return false;
  if ((view.getUint16(at + FLAGS_AND_OFFSET) & MORE_FRAGMENTS_OR_OFFSET) !== 0) return false;
  const length = view.getUint16(at + TOTAL_LENGTH);
  const transportLength = length - IPV4_HEADER;
  const transport = at + TRANSPORT;
  const ports = view.getInt32(transport);
  const protocol = view.getUint8(at + PROTOCOL);
  if (protocol === PROTOCOL_TCP) {
    if (transportLength < TCP_HEADER || transport + TCP_HEADER > end) return false;
    packet.tcpSequence = view.getInt32(transport + 4);
    packet.tcpAcknowledgment = view.getInt32(transport + 8);
    // Data offset, flags, window.
    const control = view.getInt32(transport + 12);
    packet.tcpFlags = (control >>> 16) & 0xff;
    packet.tcpWindow = control & 0xffff;
    const header = (control >>> 28) << 2;
    const payload = transportLength - (header < TCP_HEADER ? TCP_HEADER : header);
    packet.payloadLength = payload > 0 ? payload : 0;
  } else {
    if (protocol !== PROTOCOL_UDP || transportLength < UDP_HEADER) return false;
    if (isTunnelPort(ports >>> 16) || isTunnelPort(ports & 0xffff)) return false;
    packet.tcpFlags = 0;
    packet.payloadLength = transportLength - UDP_HEADER;
  }
  packet.etherType = ETHERTYPE_IPV4;
  packet.fragment = FRAGMENT_NONE;
  packet.version = 4;
  packet.protocol = protocol;
  packet.source0 = 0;
  packet.source1 = 0;
  packet.source2 = IPV4_MAPPED;
  packet.source3 = view.getInt32(at + SOURCE);
  packet.destination0 = 0;
  packet.destination1 = 0;
  packet.destination2 = IPV4_MAPPED;
  packet.destination3 = view.getInt32(at + DESTINATION);
  packet.ipLength = length;
  packet.transportLength = transportLength;
  packet.sourcePort = ports >>> 16;
  packet.destinationPort = ports & 0xffff;
  packet.icmpType = 0;
  packet.icmpCode = 0;
  packet.at = transport;
  // What lies behind the IP packet belongs to no header.
  if (transport + transportLength < end) packet.end = transport + transportLength;
  return true;
}

/** True for a port, either one, on which a tunnel may run. */
function isTunnelPort(port: number): boolean {
  return (
    port === VXLAN_PORT ||
    port === VXLAN_LINUX_PORT ||
    port === GENEVE_PORT ||
    port === GTP_PORT ||
    port === CAPWAP_DATA_PORT ||
    port === TZSP_PORT
  );
}
