import { decodeCapwap, CAPWAP_DATA_PORT } from './capwap.ts';
import {
  type DecodedPacket,
  FRAGMENT_LATER,
  STEP_DONE,
  STEP_ETHER_TYPE,
  STEP_ETHERNET,
  STEP_IP,
  STEP_PPP,
  STEP_TRANSPORT,
  type Step,
} from './decoded-packet.ts';
import {
  ETHERTYPE_ARP,
  ETHERTYPE_BRIDGED,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  ETHERTYPE_MPLS,
  ETHERTYPE_MPLS_MULTICAST,
  ETHERTYPE_PPP,
  ETHERTYPE_PPPOE_SESSION,
  ETHERTYPE_PROVIDER_VLAN,
  ETHERTYPE_QINQ_9100,
  ETHERTYPE_QINQ_9200,
  ETHERTYPE_VLAN,
} from './ether-type.ts';
import { decodeEthernet } from './ethernet.ts';
import { GENEVE_PORT, decodeGeneve } from './geneve.ts';
import { decodeGre } from './gre.ts';
import { GTP_PORT, decodeGtp } from './gtp.ts';
import { decodeIcmp } from './icmp.ts';
import {
  PROTOCOL_GRE,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_IPV4,
  PROTOCOL_IPV6,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
} from './ip-protocol.ts';
import { decodeIpv4 } from './ipv4.ts';
import { decodeIpv6 } from './ipv6.ts';
import { LINKTYPE_ETHERNET, STEP_PPPOE, decodeLinkLayer } from './link-type.ts';
import { decodeMpls } from './mpls.ts';
import { decodePlain } from './plain.ts';
import { decodePpp, decodePppoe } from './ppp.ts';
import { SKIP_ARP, SKIP_FRAME_SHORT, SKIP_IP_VERSION, SKIP_NOT_IP, SKIP_TUNNEL_DEPTH, type Skip } from './skip.ts';
import { decodeTcp } from './tcp.ts';
import { isMeteredItself, TUNNEL_IP_IN_IP, TUNNEL_NONE } from './tunnel.ts';
import { TZSP_PORT, decodeTzsp } from './tzsp.ts';
import { decodeUdp } from './udp.ts';
import { decodeVlan } from './vlan.ts';
import { VXLAN_LINUX_PORT, VXLAN_PORT, decodeVxlan } from './vxlan.ts';

/** Headers that a packet may stack: more is an attack on the decoder, not traffic. */
const DEEPEST_STACK = 24;

/**
 * Decodes one frame down to its innermost transport header, into `packet`. Malformed input never throws.
 *
 * @param decapsulate whether tunnels are opened; their outer packets are metered otherwise
 * @returns 0 where the packet can be metered, otherwise the reason why it cannot
 */
export function decodeFrame(
  packet: DecodedPacket,
  linkType: number,
  bytes: Uint8Array,
  offset: number,
  capturedLength: number,
  wireLength: number,
  decapsulate: boolean,
): Skip {
  packet.start(bytes, offset, capturedLength, wireLength);
  if (linkType === LINKTYPE_ETHERNET && decodePlain(packet)) return STEP_DONE;
  const step = decodeLayers(packet, linkType, decapsulate);
  if (step >= STEP_DONE || !carriesNothing(packet, step)) return step;
  packet.start(bytes, offset, capturedLength, wireLength);
  return decodeLayers(packet, linkType, false);
}

/**
 * True where a tunnel was opened and nothing was found in it that can be metered: then the packet of the tunnel is. Else whoever
 * sends nonsense to a tunnel's port would not be seen. ARP is told of first, and headers without end have a count of theirs.
 */
function carriesNothing(packet: DecodedPacket, skip: Skip): boolean {
  return isMeteredItself(packet.tunnel) && skip !== SKIP_ARP && skip !== SKIP_TUNNEL_DEPTH;
}

/** Decodes the frame that a packet was started with, layer by layer. Returns what {@link decodeFrame} does. */
export function decodeLayers(packet: DecodedPacket, linkType: number, decapsulate: boolean): Skip {
  let step = decodeLinkLayer(linkType, packet);
  for (let depth = 0; depth < DEEPEST_STACK; depth++) {
    if (step <= STEP_DONE) return step;
    step = decodeStep(packet, step, decapsulate);
  }
  return step <= STEP_DONE ? step : SKIP_TUNNEL_DEPTH;
}

function decodeStep(packet: DecodedPacket, step: Step, decapsulate: boolean): Step {
  switch (step) {
    case STEP_ETHERNET:
      return decodeEthernet(packet);
    case STEP_ETHER_TYPE:
      return decodeEtherType(packet);
    case STEP_IP:
      return decodeIp(packet);
    case STEP_TRANSPORT:
      return decodeTransport(packet, decapsulate);
    case STEP_PPP:
      return decodePpp(packet);
    case STEP_PPPOE:
      return decodePppoe(packet);
    default:
      return SKIP_NOT_IP;
  }
}

function decodeEtherType(packet: DecodedPacket): Step {
  switch (packet.etherType) {
    case ETHERTYPE_IPV4:
    case ETHERTYPE_IPV6:
      return decodeIp(packet);
    case ETHERTYPE_VLAN:
    case ETHERTYPE_PROVIDER_VLAN:
    case ETHERTYPE_QINQ_9100:
    case ETHERTYPE_QINQ_9200:
      return decodeVlan(packet);
    case ETHERTYPE_MPLS:
    case ETHERTYPE_MPLS_MULTICAST:
      return decodeMpls(packet);
    case ETHERTYPE_PPPOE_SESSION:
      return decodePppoe(packet);
    case ETHERTYPE_PPP:
      return STEP_PPP;
    case ETHERTYPE_BRIDGED:
      return STEP_ETHERNET;
    case ETHERTYPE_ARP:
      return SKIP_ARP;
    default:
      return SKIP_NOT_IP;
  }
}

function decodeIp(packet: DecodedPacket): Step {
  if (packet.at >= packet.end) return SKIP_FRAME_SHORT;
  const version = packet.bytes[packet.at] >> 4;
  if (version === 4) return decodeIpv4(packet);
  if (version === 6) return decodeIpv6(packet);
  return SKIP_IP_VERSION;
}

function decodeTransport(packet: DecodedPacket, decapsulate: boolean): Step {
  packet.sourcePort = 0;
  packet.destinationPort = 0;
  packet.tcpFlags = 0;
  packet.icmpType = 0;
  packet.icmpCode = 0;
  packet.payloadLength = packet.transportLength;
  if (packet.fragment === FRAGMENT_LATER) return STEP_DONE;
  switch (packet.protocol) {
    case PROTOCOL_TCP:
      return decodeTcp(packet);
    case PROTOCOL_UDP: {
      const step = decodeUdp(packet);
      return step === STEP_DONE && decapsulate ? decodeUdpTunnel(packet) : step;
    }
    case PROTOCOL_ICMP:
    case PROTOCOL_ICMPV6:
      return decodeIcmp(packet);
    case PROTOCOL_IPV4:
    case PROTOCOL_IPV6:
      if (!decapsulate) return STEP_DONE;
      if (packet.tunnel === TUNNEL_NONE) packet.tunnel = TUNNEL_IP_IN_IP;
      return STEP_IP;
    case PROTOCOL_GRE:
      return decapsulate ? decodeGre(packet) : STEP_DONE;
    default:
      return STEP_DONE;
  }
}

function decodeUdpTunnel(packet: DecodedPacket): Step {
  const { sourcePort, destinationPort } = packet;
  if (destinationPort === VXLAN_PORT || destinationPort === VXLAN_LINUX_PORT) return decodeVxlan(packet);
  if (destinationPort === GENEVE_PORT) return decodeGeneve(packet);
  if (sourcePort === GTP_PORT || destinationPort === GTP_PORT) return decodeGtp(packet);
  if (sourcePort === CAPWAP_DATA_PORT || destinationPort === CAPWAP_DATA_PORT) return decodeCapwap(packet);
  if (sourcePort === TZSP_PORT || destinationPort === TZSP_PORT) return decodeTzsp(packet);
  return STEP_DONE;
}
