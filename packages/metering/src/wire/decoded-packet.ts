/** A crafted capture may claim any length on the wire; no packet is longer than this. */
const LONGEST_CUT = 0xff_ffff;

/**
 * One packet while it is decoded and after: a cursor into the captured bytes and the fields found so far. There is one
 * object per meter, overwritten by each packet. Every field is a 32-bit integer (addresses and sequence numbers as
 * signed ones), so that nothing is allocated.
 *
 * The decoder of each protocol checks that its header was captured, reads it, moves the cursor behind it and returns
 * what comes next (a {@link Step}) or why the packet is not metered (a `Skip`, which is negative).
 */
export class DecodedPacket {
  /** What holds the frame: a plain Uint8Array, never a Buffer, so that decoders are compiled for one class only. */
  bytes: Uint8Array = new Uint8Array(0);
  /** The same, for numbers of four bytes: one load instead of four. */
  view: DataView = new DataView(this.bytes.buffer);
  /** Cursor: where the next header starts. */
  at = 0;
  /** One past the last captured byte. */
  end = 0;
  /** One past the last byte that was on the wire; larger than `end` where the capture cut the frame. */
  wireEnd = 0;

  /** EtherType of what is at the cursor. */
  etherType = 0;
  /** VLAN identifier of the innermost tag, 0 without one. */
  vlan = 0;
  /** A {@link Tunnel} that carried the packet, 0 without one. */
  tunnel = 0;

  /** 4 or 6. */
  version = 0;
  source0 = 0;
  source1 = 0;
  source2 = 0;
  /** Last 32 bits of the source address: all of it for IPv4. */
  source3 = 0;
  destination0 = 0;
  destination1 = 0;
  destination2 = 0;
  destination3 = 0;
  /** IP protocol number of the transport. */
  protocol = 0;
  /** Bytes of the IP packet, header included, as its header says (or as on the wire where it says nothing). */
  ipLength = 0;
  /** A {@link Fragment}. */
  fragment = 0;
  /** Identification field of a fragmented packet. */
  fragmentId = 0;
  /** Where the fragment's payload lies in the packet that was fragmented, in bytes. */
  fragmentOffset = 0;
  /** Bytes of the transport header and payload. */
  transportLength = 0;

  sourcePort = 0;
  destinationPort = 0;
  /** Bytes behind the transport header. */
  payloadLength = 0;
  /** The TCP flag byte, 0 for other protocols. */
  tcpFlags = 0;
  tcpSequence = 0;
  tcpAcknowledgment = 0;
  tcpWindow = 0;
  icmpType = 0;
  icmpCode = 0;
  /** The caller's array that {@link bytes} shows. */
  #given: Uint8Array = this.bytes;

  /** Points the cursor at a frame and forgets the packet before it. */
  start(bytes: Uint8Array, offset: number, capturedLength: number, wireLength: number): void {
    if (bytes !== this.#given) this.#hold(bytes);
    this.at = offset;
    this.end = offset + capturedLength;
    const cut = wireLength - capturedLength;
    this.wireEnd = this.end + (cut > 0 ? Math.min(cut, LONGEST_CUT) : 0);
    this.etherType = 0;
    this.vlan = 0;
    this.tunnel = 0;
    this.fragment = 0;
  }

  #hold(bytes: Uint8Array): void {
    const { buffer, byteOffset, length } = bytes;
    this.#given = bytes;
    this.bytes = bytes.constructor === Uint8Array ? bytes : new Uint8Array(buffer, byteOffset, length);
    this.view = new DataView(buffer, byteOffset, length);
  }
}

/** What is at the cursor after a decoder has done its part. */
export const STEP_DONE = 0;
/** Something that `etherType` names. */
export const STEP_ETHER_TYPE = 1;
/** An IP header of either version. */
export const STEP_IP = 2;
/** Something that `protocol` names. */
export const STEP_TRANSPORT = 3;
/** An Ethernet header, inside a tunnel. */
export const STEP_ETHERNET = 4;
/** A PPP protocol field. */
export const STEP_PPP = 5;

export type Step = number;

/** How a packet is fragmented. */
export const FRAGMENT_NONE = 0;
export const FRAGMENT_FIRST = 1;
export const FRAGMENT_LATER = 2;

/** The 16-bit big-endian number at `at`. */
export function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1];
}

/** The 32-bit big-endian number at `at`, as a signed integer. */
export function i32(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
}
