import { type DecodedPacket, STEP_ETHERNET, STEP_IP, type Step } from './decoded-packet.ts';
import { SKIP_MPLS_SHORT } from './skip.ts';

/** MPLS label stack (RFC 3032). */
const LABEL = 4;
const BOTTOM_OF_STACK_BYTE = 2;
const BOTTOM_OF_STACK = 0x01;
/** First byte of a pseudowire control word has the high nibble 0 (RFC 4385). */
const CONTROL_WORD = 4;

/** Walks to the bottom of the label stack. The next protocol is not named: IP by its version nibble, else Ethernet. */
export function decodeMpls(packet: DecodedPacket): Step {
  const { bytes, end } = packet;
  let at = packet.at;
  for (;;) {
    if (at + LABEL >= end) return SKIP_MPLS_SHORT;
    const bottom = bytes[at + BOTTOM_OF_STACK_BYTE] & BOTTOM_OF_STACK;
    at += LABEL;
    if (bottom !== 0) break;
  }
  packet.at = at;
  const nibble = bytes[at] >> 4;
  if (nibble === 4 || nibble === 6) return STEP_IP;
  if (nibble === 0) packet.at = at + CONTROL_WORD;
  return STEP_ETHERNET;
}
