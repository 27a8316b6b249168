import type { PacketSink } from '@edgeguard/metering';
import type { Clock } from '../engine/clock.ts';
import type { Address } from './address.ts';
import { fold, wordSum } from './checksum.ts';
import type { Content, ContentPool } from './content.ts';

export const TCP_FIN = 0x01;
export const TCP_SYN = 0x02;
export const TCP_RST = 0x04;
export const TCP_PSH = 0x08;
export const TCP_ACK = 0x10;

export const PROTOCOL_ICMP = 1;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;
export const PROTOCOL_ICMPV6 = 58;

export const ICMP_ECHO_REPLY = 0;
export const ICMP_UNREACHABLE = 3;
export const ICMP_ECHO_REQUEST = 8;
export const ICMPV6_ECHO_REQUEST = 128;
export const ICMPV6_ECHO_REPLY = 129;

export const ARP_REQUEST = 1;
export const ARP_REPLY = 2;

/** Which TCP options a segment carries (RFC 9293, RFC 7323, RFC 2018). */
export type TcpOptions = 'none' | 'timestamps' | 'syn' | 'syn with timestamps';

/** One TCP segment without its payload. A writer fills and reuses it. */
export interface TcpHeader {
  sourcePort: number;
  destinationPort: number;
  sequence: number;
  acknowledgement: number;
  flags: number;
  window: number;
  options: TcpOptions;
  timestamp: number;
  timestampEcho: number;
}

const LINKTYPE_ETHERNET = 1;
const ETHERNET_HEADER = 14;
const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const UDP_HEADER = 8;
const ICMP_HEADER = 8;
/** Shorter frames are padded on the wire (IEEE 802.3, without the frame check sequence). */
const MINIMUM_FRAME = 60;
const MAXIMUM_SEGMENT = { 4: 1460, 6: 1440 } as const;
const WINDOW_SCALE = 7;
const OPTION_LENGTHS: Readonly<Record<TcpOptions, number>> = {
  none: 0,
  timestamps: 12,
  syn: 12,
  'syn with timestamps': 20,
};
const BROADCAST = new Uint8Array(6).fill(0xff);

/**
 * Builds Ethernet frames with valid lengths and checksums and gives them to a sink at the present traffic time. Only
 * the first `snapLength` bytes are built; checksums and wire lengths are those of the whole frame.
 */
export class FrameWriter {
  packets = 0;
  wireBytes = 0;

  readonly #sink: PacketSink;
  readonly #clock: Clock;
  readonly #pool: ContentPool;
  readonly #snapLength: number;
  readonly #startSeconds: number;
  readonly #frame = new Uint8Array(2048);

  constructor(sink: PacketSink, clock: Clock, pool: ContentPool, snapLength: number, startSeconds: number) {
    this.#sink = sink;
    this.#clock = clock;
    this.#pool = pool;
    this.#snapLength = Math.min(snapLength, this.#frame.length);
    this.#startSeconds = startSeconds;
  }

  /** A TCP segment with `content[from..from+length)` as payload. */
  tcp(source: Address, destination: Address, header: TcpHeader, content: Content, from: number, length: number): void {
    const frame = this.#frame;
    const headerLength = 20 + OPTION_LENGTHS[header.options];
    const at = this.#ip(source, destination, PROTOCOL_TCP, headerLength + length);
    put16(frame, at, header.sourcePort);
    put16(frame, at + 2, header.destinationPort);
    put32(frame, at + 4, header.sequence);
    put32(frame, at + 8, header.acknowledgement);
    frame[at + 12] = (headerLength / 4) << 4;
    frame[at + 13] = header.flags;
    put16(frame, at + 14, header.window);
    put32(frame, at + 16, 0);
    this.#tcpOptions(header, MAXIMUM_SEGMENT[source.family], at + 20);
    this.#finish(source, destination, PROTOCOL_TCP, at, headerLength, at + 16, content, from, length);
  }

  /** A UDP datagram with all of the content. */
  udp(source: Address, destination: Address, sourcePort: number, destinationPort: number, content: Content): void {
    const frame = this.#frame;
    const at = this.#ip(source, destination, PROTOCOL_UDP, UDP_HEADER + content.length);
    put16(frame, at, sourcePort);
    put16(frame, at + 2, destinationPort);
    put16(frame, at + 4, UDP_HEADER + content.length);
    put16(frame, at + 6, 0);
    this.#finish(source, destination, PROTOCOL_UDP, at, UDP_HEADER, at + 6, content, 0, content.length);
  }

  /** An ICMP or ICMPv6 message; `rest` is the second word of its header (identifier and sequence for an echo). */
  icmp(source: Address, destination: Address, type: number, code: number, rest: number, content: Content): void {
    const frame = this.#frame;
    const protocol = source.family === 4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6;
    const at = this.#ip(source, destination, protocol, ICMP_HEADER + content.length);
    frame[at] = type;
    frame[at + 1] = code;
    put16(frame, at + 2, 0);
    put32(frame, at + 4, rest);
    this.#finish(source, destination, protocol, at, ICMP_HEADER, at + 2, content, 0, content.length);
  }

  /** An ARP request (broadcast) or reply (to `target`), saying that `sender` is at `senderMac` (RFC 826). */
  arp(operation: number, senderMac: Uint8Array, sender: Uint8Array, targetMac: Uint8Array, target: Uint8Array): void {
    const frame = this.#frame;
    this.#ethernet(operation === ARP_REQUEST ? BROADCAST : targetMac, senderMac, 0x0806);
    const at = ETHERNET_HEADER;
    put16(frame, at, 1);
    put16(frame, at + 2, 0x0800);
    frame[at + 4] = 6;
    frame[at + 5] = 4;
    put16(frame, at + 6, operation);
    frame.set(senderMac, at + 8);
    frame.set(sender, at + 14);
    if (operation === ARP_REQUEST) frame.fill(0, at + 18, at + 24);
    else frame.set(targetMac, at + 18);
    frame.set(target, at + 24);
    this.#emit(at + 28);
  }

  #ethernet(destination: Uint8Array, source: Uint8Array, type: number): void {
    const frame = this.#frame;
    for (let i = 0; i < 6; i++) {
      frame[i] = destination[i];
      frame[6 + i] = source[i];
    }
    put16(frame, 12, type);
  }

  /** Writes the headers up to the transport layer and returns where that begins. */
  #ip(source: Address, destination: Address, protocol: number, payloadLength: number): number {
    const frame = this.#frame;
    const at = ETHERNET_HEADER;
    if (source.family === 6) {
      this.#ethernet(destination.mac, source.mac, 0x86dd);
      put32(frame, at, 0x60000000);
      put16(frame, at + 4, payloadLength);
      frame[at + 6] = protocol;
      frame[at + 7] = source.ttl;
      for (let i = 0; i < 16; i++) {
        frame[at + 8 + i] = source.bytes[i];
        frame[at + 24 + i] = destination.bytes[i];
      }
      return at + IPV6_HEADER;
    }
    this.#ethernet(destination.mac, source.mac, 0x0800);
    frame[at] = 0x45;
    frame[at + 1] = 0;
    put16(frame, at + 2, IPV4_HEADER + payloadLength);
    put16(frame, at + 4, source.nextIdentification);
    source.nextIdentification = (source.nextIdentification + 1) & 0xffff;
    put16(frame, at + 6, protocol === PROTOCOL_TCP ? 0x4000 : 0);
    frame[at + 8] = source.ttl;
    frame[at + 9] = protocol;
    put16(frame, at + 10, 0);
    for (let i = 0; i < 4; i++) {
      frame[at + 12 + i] = source.bytes[i];
      frame[at + 16 + i] = destination.bytes[i];
    }
    put16(frame, at + 10, ~fold(wordSum(frame, at, IPV4_HEADER)));
    return at + IPV4_HEADER;
  }

  #tcpOptions(header: TcpHeader, maximumSegment: number, at: number): void {
    const frame = this.#frame;
    switch (header.options) {
      case 'none':
        return;
      case 'timestamps':
        put32(frame, at, 0x0101080a);
        put32(frame, at + 4, header.timestamp);
        put32(frame, at + 8, header.timestampEcho);
        return;
      case 'syn':
        put32(frame, at, 0x02040000 | maximumSegment);
        put32(frame, at + 4, 0x01030300 | WINDOW_SCALE);
        put32(frame, at + 8, 0x01010402);
        return;
      default:
        put32(frame, at, 0x02040000 | maximumSegment);
        put32(frame, at + 4, 0x0402080a);
        put32(frame, at + 8, header.timestamp);
        put32(frame, at + 12, header.timestampEcho);
        put32(frame, at + 16, 0x01030300 | WINDOW_SCALE);
    }
  }

  /** Puts the payload behind the transport header, the checksum into it, and gives the frame to the sink. */
  #finish(
    source: Address,
    destination: Address,
    protocol: number,
    at: number,
    headerLength: number,
    checksumAt: number,
    content: Content,
    from: number,
    length: number,
  ): void {
    const frame = this.#frame;
    const payload = at + headerLength;
    let sum = wordSum(frame, at, headerLength);
    // ICMP for IPv4 has no pseudo-header.
    if (protocol !== PROTOCOL_ICMP) sum += source.sum + destination.sum + protocol + headerLength + length;
    if (length > 0) sum += this.#pool.write(content, from, length, frame, payload, this.#snapLength - payload);
    const checksum = ~fold(sum) & 0xffff;
    put16(frame, checksumAt, checksum === 0 && protocol === PROTOCOL_UDP ? 0xffff : checksum);
    this.#emit(payload + length);
  }

  #emit(length: number): void {
    let wire = length;
    if (length < MINIMUM_FRAME) {
      this.#frame.fill(0, length, MINIMUM_FRAME);
      wire = MINIMUM_FRAME;
    }
    this.packets++;
    this.wireBytes += wire;
    const now = this.#clock.microseconds;
    const seconds = Math.floor(now / 1e6);
    this.#sink.packet(
      LINKTYPE_ETHERNET,
      this.#startSeconds + seconds,
      (now - seconds * 1e6) * 1000,
      this.#frame,
      0,
      Math.min(wire, this.#snapLength),
      wire,
    );
  }
}

function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value;
}

function put32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
