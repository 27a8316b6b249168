import { decodeArcnet } from './arcnet.ts';
import {
  type DecodedPacket,
  STEP_ETHERNET,
  STEP_ETHER_TYPE,
  STEP_IP,
  STEP_PPP,
  type Step,
  u16,
} from './decoded-packet.ts';
import { decodeFrameRelay } from './frame-relay.ts';
import { decodeLinuxCooked, decodeLinuxCookedV2 } from './linux-cooked.ts';
import { decodeLoopback } from './loopback.ts';
import { decodeNflog } from './nflog.ts';
import { decodeCiscoHdlc, decodePppSerial } from './ppp.ts';
import { SKIP_FRAME_SHORT, SKIP_LINK_TYPE } from './skip.ts';
import { decodeRadiotap, decodeWifi } from './wifi.ts';

/** LINKTYPE_ values (https://www.tcpdump.org/linktypes.html) and DLT_ values that some writers store instead. */
const NULL = 0;
export const LINKTYPE_ETHERNET = 1;
const PPP = 9;
const DLT_RAW = 12;
const DLT_RAW_OPENBSD = 14;
const PPP_SERIAL = 50;
const PPP_ETHER = 51;
const RAW = 101;
const CISCO_HDLC = 104;
const WIFI = 105;
const FRAME_RELAY = 107;
const LOOP = 108;
const LINUX_COOKED = 113;
const RADIOTAP = 127;
const ARCNET_LINUX = 129;
const PPI = 192;
const PPP_WITH_DIRECTION = 204;
const IPNET = 226;
const IPV4 = 228;
const IPV6 = 229;
const NFLOG = 239;
const IP_OVER_INFINIBAND = 242;
const LINUX_COOKED_V2 = 276;
/** Solaris: version, family, hook, length, two interfaces, two zones. */
const IPNET_HEADER = 24;
/** Global route header (40 bytes), EtherType, two reserved bytes (RFC 4391). */
const INFINIBAND_TYPE = 40;
const INFINIBAND_HEADER = 44;
/** Per-packet information: version, flags, length of all of it and link type of what follows, both little-endian. */
const PPI_LENGTH = 2;
const PPI_LINK_TYPE = 4;
const PPI_HEADER = 8;

/** Step for a link layer that is PPPoE itself. */
export const STEP_PPPOE = 6;

/** Reads the link-layer header of a frame. */
export function decodeLinkLayer(linkType: number, packet: DecodedPacket): Step {
  switch (linkType) {
    case LINKTYPE_ETHERNET:
      return STEP_ETHERNET;
    case RAW:
    case DLT_RAW:
    case DLT_RAW_OPENBSD:
    case IPV4:
    case IPV6:
      return STEP_IP;
    case LINUX_COOKED:
      return decodeLinuxCooked(packet);
    case LINUX_COOKED_V2:
      return decodeLinuxCookedV2(packet);
    case NULL:
    case LOOP:
      return decodeLoopback(packet);
    case PPP:
      return STEP_PPP;
    case PPP_SERIAL:
      return decodePppSerial(packet);
    case CISCO_HDLC:
      return decodeCiscoHdlc(packet);
    case PPP_ETHER:
      return STEP_PPPOE;
    case PPP_WITH_DIRECTION:
      packet.at += 1;
      return STEP_PPP;
    case WIFI:
      return decodeWifi(packet);
    case RADIOTAP:
      return decodeRadiotap(packet);
    case FRAME_RELAY:
      return decodeFrameRelay(packet);
    case ARCNET_LINUX:
      return decodeArcnet(packet);
    case NFLOG:
      return decodeNflog(packet);
    case IPNET:
      packet.at += IPNET_HEADER;
      return STEP_IP;
    case IP_OVER_INFINIBAND:
      return decodeInfiniband(packet);
    case PPI:
      return decodePpi(packet);
    default:
      return SKIP_LINK_TYPE;
  }
}

function decodeInfiniband(packet: DecodedPacket): Step {
  const { bytes, at, end } = packet;
  if (at + INFINIBAND_HEADER > end) return SKIP_FRAME_SHORT;
  packet.etherType = u16(bytes, at + INFINIBAND_TYPE);
  packet.at = at + INFINIBAND_HEADER;
  return STEP_ETHER_TYPE;
}

/** What follows names its own link type, which is none of these again. */
function decodePpi(packet: DecodedPacket): Step {
  const { view, at, end } = packet;
  if (at + PPI_HEADER > end) return SKIP_FRAME_SHORT;
  const linkType = view.getUint32(at + PPI_LINK_TYPE, true);
  const length = view.getUint16(at + PPI_LENGTH, true);
  if (length < PPI_HEADER || at + length > end) return SKIP_FRAME_SHORT;
  packet.at = at + length;
  return linkType === PPI ? SKIP_LINK_TYPE : decodeLinkLayer(linkType, packet);
}
