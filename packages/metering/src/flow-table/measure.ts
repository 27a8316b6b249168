import { PROTOCOL_TCP } from '../wire/ip-protocol.ts';
import { type DecodedPacket, FRAGMENT_LATER, FRAGMENT_NONE } from '../wire/decoded-packet.ts';
import {
  DN_FIRST,
  DN_FRAME_BYTES,
  DN_GAP_MAX,
  DN_GAP_SQUARES,
  DN_IP_BYTES,
  DN_LAST,
  DN_PACKETS,
  DN_PAYLOAD_BYTES,
  DN_PAYLOAD_PACKETS,
  DN_SIZE_SQUARES,
  DN_STRIDE,
  D_SIZE_MAX,
  D_STRIDE,
  N_FIRST,
  N_IDLE,
  N_LAST,
  N_RESPONSE,
  W_FRAGMENTS,
} from './flow-layout.ts';
import { trackTcp } from './tcp-tracking.ts';

const SECOND = 1e9;

/**
 * Adds one packet to its flow.
 *
 * @param words     words of the flow table; the flow's start at `base`
 * @param numbers   numbers of the flow table; the flow's start at `nbase`
 * @param direction 0 forward (from the initiator), 1 backward
 * @param time      holds the present at index 0
 */
export function addPacket(
  words: Int32Array,
  numbers: Float64Array,
  base: number,
  nbase: number,
  packet: DecodedPacket,
  direction: number,
  frameBytes: number,
  time: Float64Array,
): void {
  const now = time[0];
  const d = base + direction * D_STRIDE;
  const dn = nbase + direction * DN_STRIDE;
  const size = packet.ipLength;

  numbers[dn + DN_FRAME_BYTES] += frameBytes;
  numbers[dn + DN_IP_BYTES] += size;
  numbers[dn + DN_SIZE_SQUARES] += size * size;
  if (size > words[d + D_SIZE_MAX]) words[d + D_SIZE_MAX] = size;
  if (packet.payloadLength > 0) {
    numbers[dn + DN_PAYLOAD_BYTES] += packet.payloadLength;
    numbers[dn + DN_PAYLOAD_PACKETS]++;
  }
  if (packet.fragment !== FRAGMENT_NONE) words[base + W_FRAGMENTS]++;

  if (numbers[dn + DN_PACKETS]++ === 0) {
    numbers[dn + DN_FIRST] = now;
    if (direction === 1 && numbers[nbase + DN_PACKETS] > 0)
      numbers[nbase + N_RESPONSE] = now - numbers[nbase + N_FIRST];
  } else {
    const gap = now - numbers[dn + DN_LAST];
    const seconds = gap / SECOND;
    numbers[dn + DN_GAP_SQUARES] += seconds * seconds;
    if (gap > numbers[dn + DN_GAP_MAX]) numbers[dn + DN_GAP_MAX] = gap;
  }
  numbers[dn + DN_LAST] = now;

  const pause = now - numbers[nbase + N_LAST];
  if (pause > SECOND) numbers[nbase + N_IDLE] += pause;
  numbers[nbase + N_LAST] = now;

  if (packet.protocol === PROTOCOL_TCP && packet.fragment !== FRAGMENT_LATER) {
    const isTwoWay = numbers[nbase + (1 - direction) * DN_STRIDE + DN_PACKETS] > 0;
    trackTcp(words, base, packet, direction, isTwoWay);
  }
}
