import { FLOW_KEY_WORDS } from './flow-key.ts';

/**
 * What the flow table keeps per flow. Words are 32-bit integers, numbers are doubles; times are relative nanoseconds of
 * the meter's clock. Positions count from the record's first word or number.
 */

/** Words follow the key and its hash. */
const W = FLOW_KEY_WORDS + 1;
/** Bits, see FLAG_*. */
export const W_FLAGS = W;
/** Packets when the latest record was emitted, their lower 32 bits. */
export const W_EMITTED_PACKETS = W + 1;
/** ICMP type and code of the first packet, (type << 8) | code. */
export const W_FIRST_ICMP = W + 2;
export const W_FRAGMENTS = W + 3;
export const W_ICMP_ERRORS = W + 4;
export const W_ODD_FLAGS = W + 5;
/** Position of the flow relative to the home networks, see features/home-networks.ts. */
export const W_CONTEXT = W + 6;
/** Host and pair records of the windows: slot and identifier each, -1 for none. */
export const W_SOURCE_HOST = W + 7;
export const W_DESTINATION_HOST = W + 9;
export const W_PAIR = W + 11;
/** Words of the forward direction; the backward ones follow. */
const W_DIRECTIONS = W + 13;

/** Largest IP packet. */
export const D_SIZE_MAX = W_DIRECTIONS;
export const D_SYN = W_DIRECTIONS + 1;
export const D_FIN = W_DIRECTIONS + 2;
export const D_RST = W_DIRECTIONS + 3;
export const D_PUSH = W_DIRECTIONS + 4;
/** Segments that bring nothing new. */
export const D_RETRANSMITTED = W_DIRECTIONS + 5;
/** Sequence number behind the highest byte seen. */
export const D_NEXT_SEQUENCE = W_DIRECTIONS + 6;
/** 1 once `D_NEXT_SEQUENCE` is known. */
export const D_SEQUENCE_KNOWN = W_DIRECTIONS + 7;
/** Segments that jumped over bytes that were not seen. */
export const D_GAPS = W_DIRECTIONS + 8;
export const D_ZERO_WINDOW = W_DIRECTIONS + 9;
/** The latest stretch of sequence numbers that was jumped over and not filled since: first number, and one past it. */
export const D_HOLE_START = W_DIRECTIONS + 10;
export const D_HOLE_END = W_DIRECTIONS + 11;
/** Segments that filled such a stretch: reordered, or sent again after a loss before the sensor. */
export const D_LATE = W_DIRECTIONS + 12;
/** Acknowledgments of bytes that the sensor has not seen, and the latest of them. */
export const D_UNSEEN = W_DIRECTIONS + 13;
export const D_UNSEEN_UP_TO = W_DIRECTIONS + 14;
/** Words from the forward to the backward direction. */
export const D_STRIDE = 15;
export const FLOW_WORDS = 13 + 2 * D_STRIDE;

/** Numbers start behind the words. */
const N = Math.ceil((W + FLOW_WORDS) / 2);
export const N_FIRST = N;
export const N_LAST = N + 1;
/** Serial number of the flow. */
export const N_FLOW_ID = N + 2;
/** Event of the flow's start in the window log. */
export const N_START_EVENT = N + 3;
/** From the first forward to the first backward packet, -1 where there is none. */
export const N_RESPONSE = N + 4;
/** Sum of gaps between packets of the flow that are longer than a second. */
export const N_IDLE = N + 5;
/** IP bytes, both directions, that the windows know of. */
export const N_WINDOWED_BYTES = N + 6;
/** The same, only those from the source. */
export const N_WINDOWED_SENT = N + 7;
const N_DIRECTIONS = N + 8;

/** Bytes of the frames as on the wire. */
export const DN_FRAME_BYTES = N_DIRECTIONS;
export const DN_IP_BYTES = N_DIRECTIONS + 1;
export const DN_PAYLOAD_BYTES = N_DIRECTIONS + 2;
/** Sum of squared IP packet sizes. */
export const DN_SIZE_SQUARES = N_DIRECTIONS + 3;
export const DN_FIRST = N_DIRECTIONS + 4;
export const DN_LAST = N_DIRECTIONS + 5;
/** Sum of squared gaps, in seconds squared. */
export const DN_GAP_SQUARES = N_DIRECTIONS + 6;
/** Longest gap. */
export const DN_GAP_MAX = N_DIRECTIONS + 7;
/** Packets, and those with payload: a flow that goes on for days has more than an integer of 32 bits holds. */
export const DN_PACKETS = N_DIRECTIONS + 8;
export const DN_PAYLOAD_PACKETS = N_DIRECTIONS + 9;
export const DN_STRIDE = 10;
export const FLOW_NUMBERS = 8 + 2 * DN_STRIDE;

/** The higher endpoint of the key is the source (initiator) of the flow. */
export const FLAG_SOURCE_IS_HIGH = 1;
/** The first packet of a TCP flow had no SYN. */
export const FLAG_MID_STREAM = 1 << 1;
/** The first packet seen was an answer, so that its sender is the destination. */
export const FLAG_REVERSED = 1 << 2;
export const FLAG_SYN_FORWARD = 1 << 3;
export const FLAG_SYN_BACKWARD = 1 << 4;
/** The handshake was completed, or data went both ways in a flow picked up mid-stream. */
export const FLAG_ESTABLISHED = 1 << 5;
export const FLAG_FIN_FORWARD = 1 << 6;
export const FLAG_FIN_BACKWARD = 1 << 7;
export const FLAG_RST_FORWARD = 1 << 8;
export const FLAG_RST_BACKWARD = 1 << 9;
/** FIN from both sides, or RST. */
export const FLAG_CLOSED = 1 << 10;
/** The destination is a multicast or broadcast address. */
export const FLAG_GROUP_DESTINATION = 1 << 11;
/** Nobody has answered, so that a shorter timeout applies. */
export const FLAG_WAITING = 1 << 12;
