import type { PacketSink } from '../../src/packet-sink.ts';

/** Builds frames byte by byte, independently of the decoders under test. */
export const ETHERNET = 1;
export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const PSH = 8;
export const ACK = 16;

export interface Endpoints {
  readonly from: string;
  readonly to: string;
  readonly fromPort?: number;
  readonly toPort?: number;
}

function be16(value: number): number[] {
  return [(value >> 8) & 0xff, value & 0xff];
}

function be32(value: number): number[] {
  return [...be16(value >>> 16), ...be16(value & 0xffff)];
}

export function ethernet(type: number, payload: readonly number[]): number[] {
  return [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, ...be16(type), ...payload];
}

export function vlanTag(identifier: number, type: number, payload: readonly number[]): number[] {
  return [...be16(identifier), ...be16(type), ...payload];
}

export interface Ipv4Fields {
  readonly id?: number;
  readonly moreFragments?: boolean;
  /** In bytes. */
  readonly fragmentOffset?: number;
}

export function ipv4(
  from: string,
  to: string,
  protocol: number,
  payload: readonly number[],
  fields: Ipv4Fields = {},
): number[] {
  const fragment = (fields.moreFragments === true ? 0x2000 : 0) | ((fields.fragmentOffset ?? 0) / 8);
  const addresses = [from, to].flatMap((address) => address.split('.').map(Number));
  const header = [
    0x45,
    0,
    ...be16(20 + payload.length),
    ...be16(fields.id ?? 0),
    ...be16(fragment),
    64,
    protocol,
    0,
    0,
  ];
  return [...header, ...addresses, ...payload];
}

/** `from` and `to` as 16 bytes each. */
export function ipv6(
  from: readonly number[],
  to: readonly number[],
  nextHeader: number,
  payload: readonly number[],
): number[] {
  return [0x60, 0, 0, 0, ...be16(payload.length), nextHeader, 64, ...from, ...to, ...payload];
}

/** fd00::n as bytes. */
export function ula(n: number): number[] {
  return [0xfd, ...Array<number>(13).fill(0), ...be16(n)];
}

export interface TcpFields {
  readonly flags: number;
  readonly sequence?: number;
  readonly acknowledgment?: number;
  readonly window?: number;
  readonly payload?: number;
}

export function tcp(fromPort: number, toPort: number, fields: TcpFields): number[] {
  return [
    ...be16(fromPort),
    ...be16(toPort),
    ...be32(fields.sequence ?? 0),
    ...be32(fields.acknowledgment ?? 0),
    0x50,
    fields.flags,
    ...be16(fields.window ?? 1024),
    ...be32(0),
    ...Array<number>(fields.payload ?? 0).fill(0x61),
  ];
}

export function udp(fromPort: number, toPort: number, payload: readonly number[]): number[] {
  return [...be16(fromPort), ...be16(toPort), ...be16(8 + payload.length), 0, 0, ...payload];
}

export function icmp(type: number, code: number, rest: readonly number[] = []): number[] {
  return [type, code, 0, 0, 0, 0, 0, 0, ...rest];
}

/** Sends frames to a meter at given times, in seconds. */
export class Wire {
  readonly #sink: PacketSink;

  constructor(sink: PacketSink) {
    this.#sink = sink;
  }

  frame(time: number, bytes: readonly number[], linkType = ETHERNET): void {
    const seconds = Math.floor(time);
    const nanoseconds = Math.round((time - seconds) * 1e9);
    const frame = Uint8Array.from(bytes);
    this.#sink.packet(linkType, seconds, nanoseconds, frame, 0, frame.length, frame.length);
  }

  tcp(time: number, ends: Endpoints, fields: TcpFields): void {
    const segment = tcp(ends.fromPort ?? 40_000, ends.toPort ?? 80, fields);
    this.frame(time, ethernet(0x0800, ipv4(ends.from, ends.to, 6, segment)));
  }

  udp(time: number, ends: Endpoints, payload = 10): void {
    const datagram = udp(ends.fromPort ?? 40_000, ends.toPort ?? 53, Array<number>(payload).fill(0));
    this.frame(time, ethernet(0x0800, ipv4(ends.from, ends.to, 17, datagram)));
  }
}

/** The same exchange seen from the other side. */
export function reply(ends: Endpoints): Endpoints {
  return { from: ends.to, to: ends.from, fromPort: ends.toPort ?? 80, toPort: ends.fromPort ?? 40_000 };
}
