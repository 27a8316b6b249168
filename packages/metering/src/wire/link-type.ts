import { type DecodedPacket, STEP_ETHERNET, STEP_IP, STEP_PPP, type Step } from './decoded-packet.ts';
import { decodeLinuxCooked, decodeLinuxCookedV2 } from './linux-cooked.ts';
import { decodeLoopback } from './loopback.ts';
import { decodeCiscoHdlc, decodePppSerial } from './ppp.ts';
import { SKIP_LINK_TYPE } from './skip.ts';
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
const LOOP = 108;
const LINUX_COOKED = 113;
const RADIOTAP = 127;
const PPP_WITH_DIRECTION = 204;
const IPV4 = 228;
const IPV6 = 229;
const LINUX_COOKED_V2 = 276;

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
    default:
      return SKIP_LINK_TYPE;
  }
}
