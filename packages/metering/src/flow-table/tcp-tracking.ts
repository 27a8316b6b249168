import { TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN, TCP_URG } from '../wire/tcp.ts';
import type { DecodedPacket } from '../wire/decoded-packet.ts';
import {
  D_FIN,
  D_GAPS,
  D_HOLE_END,
  D_HOLE_START,
  D_LATE,
  D_NEXT_SEQUENCE,
  D_PUSH,
  D_RETRANSMITTED,
  D_RST,
  D_SEQUENCE_KNOWN,
  D_STRIDE,
  D_SYN,
  D_UNSEEN,
  D_UNSEEN_UP_TO,
  D_ZERO_WINDOW,
  FLAG_CLOSED,
  FLAG_ESTABLISHED,
  FLAG_FIN_BACKWARD,
  FLAG_FIN_FORWARD,
  FLAG_MID_STREAM,
  FLAG_RST_BACKWARD,
  FLAG_RST_FORWARD,
  FLAG_SYN_BACKWARD,
  FLAG_SYN_FORWARD,
  W_FLAGS,
  W_ODD_FLAGS,
} from './flow-layout.ts';

const BOTH_FIN = FLAG_FIN_FORWARD | FLAG_FIN_BACKWARD;
const KNOWN_FLAGS = TCP_FIN | TCP_SYN | TCP_RST | TCP_PSH | TCP_ACK | TCP_URG;

/**
 * Follows a TCP connection (RFC 9293) as far as features need it: flags by direction, the handshake, the end, and
 * sequence numbers. `base` is the flow's first word, `direction` 0 forward or 1 backward; `isTwoWay` says that the other direction
 * has had a packet.
 */
export function trackTcp(
  words: Int32Array,
  base: number,
  packet: DecodedPacket,
  direction: number,
  isTwoWay: boolean,
): void {
  const flags = packet.tcpFlags;
  const d = base + direction * D_STRIDE;
  const backward = direction === 1;
  let state = words[base + W_FLAGS];

  if ((flags & TCP_PSH) !== 0) words[d + D_PUSH]++;
  if (packet.tcpWindow === 0 && (flags & (TCP_RST | TCP_SYN)) === 0) words[d + D_ZERO_WINDOW]++;
  if (areOdd(flags & KNOWN_FLAGS)) words[base + W_ODD_FLAGS]++;

  if ((flags & TCP_SYN) !== 0) {
    words[d + D_SYN]++;
    state |= backward ? FLAG_SYN_BACKWARD : FLAG_SYN_FORWARD;
  } else if ((flags & TCP_ACK) !== 0 && (flags & TCP_RST) === 0) {
    if ((state & FLAG_SYN_BACKWARD) !== 0 ? !backward : (state & FLAG_MID_STREAM) !== 0 && isTwoWay) {
      state |= FLAG_ESTABLISHED;
    }
  }
  if ((flags & TCP_FIN) !== 0) {
    words[d + D_FIN]++;
    state |= backward ? FLAG_FIN_BACKWARD : FLAG_FIN_FORWARD;
  }
  if ((flags & TCP_RST) !== 0) {
    words[d + D_RST]++;
    state |= backward ? FLAG_RST_BACKWARD : FLAG_RST_FORWARD;
  }
  if ((state & BOTH_FIN) === BOTH_FIN || (state & (FLAG_RST_FORWARD | FLAG_RST_BACKWARD)) !== 0) state |= FLAG_CLOSED;
  words[base + W_FLAGS] = state;

  trackSequence(words, d, packet, flags);
  if ((flags & TCP_ACK) !== 0 && (flags & TCP_RST) === 0) {
    trackAcknowledgment(words, base + (backward ? 0 : D_STRIDE), packet.tcpAcknowledgment);
  }
}

/** Counts acknowledgments of bytes that the sensor has not seen: it is blind to a part of the traffic. */
function trackAcknowledgment(words: Int32Array, other: number, acknowledged: number): void {
  if (words[other + D_SEQUENCE_KNOWN] === 0) return;
  if (((acknowledged - words[other + D_NEXT_SEQUENCE]) | 0) <= 0) return;
  // Once for each stretch, however often it is acknowledged.
  if (words[other + D_UNSEEN] > 0 && ((acknowledged - words[other + D_UNSEEN_UP_TO]) | 0) <= 0) return;
  words[other + D_UNSEEN]++;
  words[other + D_UNSEEN_UP_TO] = acknowledged;
}

/** Counts segments that bring nothing new, and jumps over bytes that the sensor has not seen. */
function trackSequence(words: Int32Array, d: number, packet: DecodedPacket, flags: number): void {
  let length = packet.payloadLength;
  if ((flags & TCP_SYN) !== 0) length++;
  if ((flags & TCP_FIN) !== 0) length++;
  const end = (packet.tcpSequence + length) | 0;
  const known = words[d + D_SEQUENCE_KNOWN] !== 0;
  const next = words[d + D_NEXT_SEQUENCE];
  if (!known) {
    // A reset may carry any sequence number.
    if ((flags & TCP_RST) !== 0) return;
    words[d + D_SEQUENCE_KNOWN] = 1;
    words[d + D_NEXT_SEQUENCE] = end;
    return;
  }
  if (length === 0) return;
  if ((flags & TCP_SYN) !== 0 && end !== next) {
    // A new connection on the same ports.
    words[d + D_NEXT_SEQUENCE] = end;
    return;
  }
  if (((end - next) | 0) <= 0) {
    if (fillsHole(words, d, packet.tcpSequence, end)) {
      words[d + D_LATE]++;
      return;
    }
    // One byte that was acknowledged already is a keep-alive probe (RFC 9293, 3.8.4), not a retransmission.
    const keepAlive = packet.payloadLength === 1 && length === 1 && end === next;
    if (!keepAlive) words[d + D_RETRANSMITTED]++;
    return;
  }
  if (((packet.tcpSequence - next) | 0) > 0) {
    words[d + D_GAPS]++;
    words[d + D_HOLE_START] = next;
    words[d + D_HOLE_END] = packet.tcpSequence;
  }
  words[d + D_NEXT_SEQUENCE] = end;
}

/** True for a segment inside the latest hole, which it then closes from the front, from the back, or in two. */
function fillsHole(words: Int32Array, d: number, start: number, end: number): boolean {
  const holeStart = words[d + D_HOLE_START];
  const holeEnd = words[d + D_HOLE_END];
  if (((start - holeStart) | 0) < 0 || ((holeEnd - end) | 0) < 0) return false;
  if (start === holeStart) words[d + D_HOLE_START] = end;
  else words[d + D_HOLE_END] = start;
  return true;
}

/** Flag combinations that no TCP sends: none at all, SYN with FIN or RST, FIN without ACK. */
function areOdd(flags: number): boolean {
  if ((flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) === 0) return true;
  if ((flags & TCP_SYN) !== 0) return (flags & (TCP_FIN | TCP_RST)) !== 0;
  return (flags & TCP_FIN) !== 0 && (flags & TCP_ACK) === 0;
}
