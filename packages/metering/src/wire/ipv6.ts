import {
  type DecodedPacket,
  FRAGMENT_FIRST,
  FRAGMENT_LATER,
  FRAGMENT_NONE,
  STEP_TRANSPORT,
  type Step,
  i32,
  u16,
} from './decoded-packet.ts';
import {
  PROTOCOL_AUTHENTICATION,
  PROTOCOL_DESTINATION_OPTIONS,
  PROTOCOL_FRAGMENT,
  PROTOCOL_HOP_BY_HOP,
  PROTOCOL_MOBILITY,
  PROTOCOL_NO_NEXT_HEADER,
  PROTOCOL_ROUTING,
} from './ip-protocol.ts';
import { SKIP_IPV6_EXTENSION_SHORT, SKIP_IPV6_NO_NEXT, SKIP_IPV6_SHORT } from './skip.ts';

/** IPv6 (RFC 8200). */
const PAYLOAD_LENGTH = 4;
const NEXT_HEADER = 6;
const SOURCE = 8;
const DESTINATION = 24;
const HEADER = 40;
/** Extension headers: next header, length in 8-byte units without the first. */
const EXTENSION_LENGTH = 1;
/** The authentication header counts 4-byte units, without the first two (RFC 4302). */
const FRAGMENT_HEADER = 8;
const FRAGMENT_OFFSET = 2;
const FRAGMENT_IDENTIFICATION = 4;
const OFFSET_MASK = 0xfff8;
const MORE_FRAGMENTS = 0x0001;

/** Reads an IPv6 header and walks its extension headers up to the transport. */
export function decodeIpv6(packet: DecodedPacket): Step {
  const { bytes, view, at, end } = packet;
  if (at + HEADER > end) return SKIP_IPV6_SHORT;
  let length = u16(bytes, at + PAYLOAD_LENGTH);
  // A jumbogram (RFC 2675) or segmentation offload leaves 0.
  if (length === 0) length = packet.wireEnd - at - HEADER;
  packet.version = 6;
  packet.source0 = view.getInt32(at + SOURCE);
  packet.source1 = view.getInt32(at + SOURCE + 4);
  packet.source2 = view.getInt32(at + SOURCE + 8);
  packet.source3 = view.getInt32(at + SOURCE + 12);
  packet.destination0 = view.getInt32(at + DESTINATION);
  packet.destination1 = view.getInt32(at + DESTINATION + 4);
  packet.destination2 = view.getInt32(at + DESTINATION + 8);
  packet.destination3 = view.getInt32(at + DESTINATION + 12);
  packet.ipLength = HEADER + length;
  packet.transportLength = length;
  packet.fragment = FRAGMENT_NONE;
  packet.at = at + HEADER;
  if (packet.at + length < end) packet.end = packet.at + length;
  packet.protocol = bytes[at + NEXT_HEADER];
  return decodeExtensions(packet);
}

function decodeExtensions(packet: DecodedPacket): Step {
  const { bytes, end } = packet;
  for (;;) {
    const at = packet.at;
    let length: number;
    switch (packet.protocol) {
      case PROTOCOL_HOP_BY_HOP:
      case PROTOCOL_ROUTING:
      case PROTOCOL_DESTINATION_OPTIONS:
      case PROTOCOL_MOBILITY:
        if (at + 2 > end) return SKIP_IPV6_EXTENSION_SHORT;
        length = (bytes[at + EXTENSION_LENGTH] + 1) << 3;
        break;
      case PROTOCOL_AUTHENTICATION:
        if (at + 2 > end) return SKIP_IPV6_EXTENSION_SHORT;
        length = (bytes[at + EXTENSION_LENGTH] + 2) << 2;
        break;
      case PROTOCOL_FRAGMENT: {
        if (at + FRAGMENT_HEADER > end) return SKIP_IPV6_EXTENSION_SHORT;
        length = FRAGMENT_HEADER;
        const field = u16(bytes, at + FRAGMENT_OFFSET);
        // An atomic fragment (offset 0, nothing follows; RFC 6946) is a whole packet.
        if ((field & (OFFSET_MASK | MORE_FRAGMENTS)) !== 0) {
          packet.fragment = (field & OFFSET_MASK) === 0 ? FRAGMENT_FIRST : FRAGMENT_LATER;
          packet.fragmentOffset = field & OFFSET_MASK;
          packet.fragmentId = i32(bytes, at + FRAGMENT_IDENTIFICATION);
        }
        break;
      }
      case PROTOCOL_NO_NEXT_HEADER:
        return SKIP_IPV6_NO_NEXT;
      default:
        return STEP_TRANSPORT;
    }
    if (length > packet.transportLength || at + length > end) return SKIP_IPV6_EXTENSION_SHORT;
    packet.protocol = bytes[at];
    packet.transportLength -= length;
    packet.at = at + length;
    // Behind a later fragment's header there is payload, not a header.
    if (packet.fragment === FRAGMENT_LATER) return STEP_TRANSPORT;
  }
}
