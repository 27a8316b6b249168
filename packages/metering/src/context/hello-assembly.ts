import { type ClientHello, readClientHello } from './client-hello.ts';
import { u16 } from '../wire/decoded-packet.ts';

/** TLS records (RFC 8446, section 5.1). */
const RECORD_HEADER = 5;
const RECORD_LENGTH = 3;
const TYPE_HANDSHAKE = 22;
const MAJOR_VERSION = 3;
const HELLO = 1;
const HANDSHAKE_HEADER = 4;

/** Hellos that wait for more segments at a time, and bytes that one may have. */
const MOST_WAITING = 64;
const LONGEST_HELLO = 16_384;

interface Waiting {
  readonly bytes: Uint8Array;
  length: number;
  /** Sequence number of the segment that goes on. */
  next: number;
}

/** True where a TCP payload begins as a ClientHello does. */
export function beginsHello(bytes: Uint8Array, at: number, end: number): boolean {
  return at + 6 <= end && bytes[at] === TYPE_HANDSHAKE && bytes[at + 1] === MAJOR_VERSION && bytes[at + 5] === HELLO;
}

/**
 * Puts ClientHellos together that come in several segments, in their order. Bounded: the one that has waited the longest is
 * given up, and so is one of which a piece is missing until then.
 */
export class HelloAssembly {
  /** Hellos that were never complete. */
  givenUp = 0;
  readonly #waiting = new Map<number, Waiting>();

  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** A segment that begins a hello. Returns the hello where it is whole. */
  begin(flowId: number, sequence: number, bytes: Uint8Array, at: number, end: number): ClientHello | null {
    const segment = bytes.subarray(at, end);
    const message = helloOf(segment, segment.length);
    if (message !== undefined) return message && readClientHello(message);
    if (segment.length > LONGEST_HELLO || this.#waiting.has(flowId)) return null;
    if (this.#waiting.size >= MOST_WAITING) this.#drop(this.#waiting.keys().next().value!);
    const waiting = { bytes: new Uint8Array(LONGEST_HELLO), length: segment.length, next: 0 };
    waiting.bytes.set(segment);
    waiting.next = (sequence + segment.length) | 0;
    this.#waiting.set(flowId, waiting);
    return null;
  }

  /** A later segment of a flow. Returns its hello where it is whole now. */
  add(flowId: number, sequence: number, bytes: Uint8Array, at: number, end: number): ClientHello | null {
    const waiting = this.#waiting.get(flowId);
    if (waiting === undefined || waiting.next !== sequence) return null;
    const segment = bytes.subarray(at, end);
    if (waiting.length + segment.length > LONGEST_HELLO) {
      this.#drop(flowId);
      return null;
    }
    waiting.bytes.set(segment, waiting.length);
    waiting.length += segment.length;
    waiting.next = (waiting.next + segment.length) | 0;
    const message = helloOf(waiting.bytes, waiting.length);
    if (message === undefined) return null;
    this.#waiting.delete(flowId);
    return message && readClientHello(message);
  }

  /** The flow has ended. */
  end(flowId: number): void {
    if (this.#waiting.has(flowId)) this.#drop(flowId);
  }

  #drop(flowId: number): void {
    this.#waiting.delete(flowId);
    this.givenUp++;
  }
}

/** The handshake message in one or more TLS records; undefined where more must come, null where it is none. */
function helloOf(bytes: Uint8Array, length: number): Uint8Array | null | undefined {
  let message: Uint8Array | undefined;
  for (let at = 0; at + RECORD_HEADER <= length;) {
    if (bytes[at] !== TYPE_HANDSHAKE || bytes[at + 1] !== MAJOR_VERSION) return null;
    const next = at + RECORD_HEADER + u16(bytes, at + RECORD_LENGTH);
    if (next === at + RECORD_HEADER) return null;
    const part = bytes.subarray(at + RECORD_HEADER, Math.min(next, length));
    message = message === undefined ? part : joined(message, part);
    if (message.length >= HANDSHAKE_HEADER) {
      const end = HANDSHAKE_HEADER + ((message[1] << 16) | u16(message, 2));
      if (end > LONGEST_HELLO) return null;
      if (message.length >= end) return message.subarray(0, end);
    }
    at = next;
  }
  return undefined;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
