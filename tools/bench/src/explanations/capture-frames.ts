import type { PacketSink } from '@edgeguard/metering';

/** A frame of a capture. */
export interface Frame {
  readonly linkType: number;
  /** Capture time, nanoseconds since the Unix epoch. */
  readonly time: bigint;
  readonly bytes: Uint8Array;
  readonly wireLength: number;
}

/** Both ends of a TCP or UDP flow over IPv4, from the packet's source. */
export interface FrameEnds {
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly protocol: number;
}

const ETHERNET = 1;
const IPV4 = 0x0800;
/** Where IPv4 begins in a frame of Ethernet without a tag. */
export const IP_START = 14;
const SECOND = 1_000_000_000n;

/** Keeps the frames of a capture. */
export class FrameKeeper implements PacketSink {
  readonly frames: Frame[] = [];

  packet(
    linkType: number,
    seconds: number,
    nanoseconds: number,
    bytes: Uint8Array,
    offset: number,
    capturedLength: number,
    wireLength: number,
  ): void {
    const time = BigInt(seconds) * SECOND + BigInt(nanoseconds);
    this.frames.push({ linkType, time, bytes: bytes.slice(offset, offset + capturedLength), wireLength });
  }
}

/** Hands frames to a sink. */
export function replay(frames: readonly Frame[], sink: PacketSink): void {
  for (const { linkType, time, bytes, wireLength } of frames) {
    sink.packet(linkType, Number(time / SECOND), Number(time % SECOND), bytes, 0, bytes.length, wireLength);
  }
}

/** The ends of a whole TCP or UDP packet in IPv4 on Ethernet; undefined for all else. */
export function endsOf({ linkType, bytes }: Frame): FrameEnds | undefined {
  if (linkType !== ETHERNET || bytes.length < IP_START + 28) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint16(12) !== IPV4 || (view.getUint16(IP_START + 6) & 0x3fff) !== 0) return undefined;
  const protocol = bytes[IP_START + 9]!;
  if (protocol !== 6 && protocol !== 17) return undefined;
  const ports = portsAt(bytes);
  if (ports + 4 > bytes.length) return undefined;
  return {
    source: bytes.subarray(IP_START + 12, IP_START + 16).join('.'),
    destination: bytes.subarray(IP_START + 16, IP_START + 20).join('.'),
    sourcePort: view.getUint16(ports),
    destinationPort: view.getUint16(ports + 2),
    protocol,
  };
}

/** Where the ports are. */
export function portsAt(bytes: Uint8Array): number {
  return IP_START + (bytes[IP_START]! & 0xf) * 4;
}
