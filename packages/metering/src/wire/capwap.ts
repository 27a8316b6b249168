import { type DecodedPacket, STEP_DONE, type Step } from './decoded-packet.ts';
import { TUNNEL_CAPWAP } from './tunnel.ts';
import { UDP_HEADER } from './udp.ts';
import { decodeWifiData, isWifiData } from './wifi.ts';

/** CAPWAP data channel (RFC 5415). */
export const CAPWAP_DATA_PORT = 5247;
const PREAMBLE = 0;
const HEADER_LENGTH = 1;
/** Preamble type 0: a clear header follows (1 is DTLS). */
const TYPE_MASK = 0x0f;
/** A shorter rest holds no 802.11 header with LLC/SNAP. */
const SHORTEST_FRAME = 32;

/** An access point's 802.11 frame in a CAPWAP tunnel. Keep-alives and encrypted data stay UDP packets. */
export function decodeCapwap(packet: DecodedPacket): Step {
  const { bytes, end } = packet;
  const at = packet.at + UDP_HEADER;
  if (at + 2 > end || (bytes[at + PREAMBLE] & TYPE_MASK) !== 0) return STEP_DONE;
  const inner = at + ((bytes[at + HEADER_LENGTH] & 0xf8) >> 1);
  if (inner + SHORTEST_FRAME >= end) return STEP_DONE;
  packet.at = inner;
  packet.tunnel = TUNNEL_CAPWAP;
  // Some controllers swap the two frame control bytes; the type bits tell.
  const swapped = !isWifiData(bytes[inner]) && isWifiData(bytes[inner + 1]);
  return decodeWifiData(packet, bytes[inner + (swapped ? 1 : 0)], bytes[inner + (swapped ? 0 : 1)]);
}
