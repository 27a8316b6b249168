import { type DecodedPacket, STEP_IP, type Step } from './decoded-packet.ts';
import { SKIP_FRAME_SHORT, SKIP_NOT_IP } from './skip.ts';

/** Linux netfilter log messages: a header, then attributes in the order of bytes of the host that captured. */
const HEADER = 4;
const ATTRIBUTE_HEADER = 4;
const PAYLOAD = 9;

/** Finds the packet among the attributes. */
export function decodeNflog(packet: DecodedPacket): Step {
  const { view, end } = packet;
  let at = packet.at + HEADER;
  while (at + ATTRIBUTE_HEADER <= end) {
    let littleEndian = true;
    let length = view.getUint16(at, littleEndian);
    if (length < ATTRIBUTE_HEADER || at + length > end) {
      littleEndian = false;
      length = view.getUint16(at, littleEndian);
    }
    const isPayload = view.getUint16(at + 2, littleEndian) === PAYLOAD;
    // The packet comes last, and may be cut.
    if (isPayload) {
      packet.at = at + ATTRIBUTE_HEADER;
      return STEP_IP;
    }
    if (length < ATTRIBUTE_HEADER) return SKIP_FRAME_SHORT;
    at += (length + 3) & ~3;
  }
  return SKIP_NOT_IP;
}
