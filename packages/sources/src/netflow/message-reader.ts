import { SocketAddress } from 'node:net';
import { MalformedMessage } from './exported-flow.ts';

/** Bounds-checked big-endian access to one message. */
export class MessageReader {
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get length(): number {
    return this.#view.byteLength;
  }

  u8(at: number): number {
    this.#check(at, 1);
    return this.#view.getUint8(at);
  }

  u16(at: number): number {
    this.#check(at, 2);
    return this.#view.getUint16(at);
  }

  u32(at: number): number {
    this.#check(at, 4);
    return this.#view.getUint32(at);
  }

  /** An unsigned number of 1 to 8 bytes; counts beyond 2^53 lose their last digits. */
  unsigned(at: number, length: number): number {
    this.#check(at, length);
    let value = 0;
    for (let i = 0; i < length; i++) value = value * 256 + this.#view.getUint8(at + i);
    return value;
  }

  ipv4(at: number): string {
    this.#check(at, 4);
    return [0, 1, 2, 3].map((i) => this.#view.getUint8(at + i)).join('.');
  }

  /** The canonical text of an IPv6 address (RFC 5952). */
  ipv6(at: number): string {
    this.#check(at, 16);
    const groups = [0, 2, 4, 6, 8, 10, 12, 14].map((i) => this.#view.getUint16(at + i).toString(16));
    return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address;
  }

  #check(at: number, length: number): void {
    if (at < 0 || at + length > this.#view.byteLength) throw new MalformedMessage('a message ends inside a field');
  }
}
