import type { PacketSink } from '@edgeguard/metering';
import { readUint16, readUint32 } from './byte-order.ts';
import { MAX_CAPTURED_LENGTH, type RecordReader } from './record-reader.ts';

// File header: draft-ietf-opsawg-pcap, section 4
const FILE_HEADER_LENGTH = 24;
const MAJOR_VERSION = 4;
const MINOR_VERSION = 6;
const LINK_TYPE = 20;

// Record header, section 5
const RECORD_HEADER_LENGTH = 16;
const SECONDS = 0;
const FRACTION = 4;
const CAPTURED_LENGTH = 8;
const WIRE_LENGTH = 12;

/** Alexey Kuznetsov's variant appends interface index, protocol and packet type to the record header. */
const MODIFIED_RECORD_HEADER_LENGTH = 24;

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
const MAGIC_MODIFIED = 0xa1b2cd34;

/** How a pcap file writes its records, told by its first four bytes. */
export interface PcapVariant {
  readonly bigEndian: boolean;
  readonly nanosecondsPerUnit: 1 | 1000;
  readonly recordHeaderLength: number;
}

/** The variant whose magic number stands at `at`, or undefined when it is no pcap. */
export function pcapVariant(bytes: Uint8Array, at: number): PcapVariant | undefined {
  for (const bigEndian of [false, true]) {
    switch (readUint32(bytes, at, bigEndian)) {
      case MAGIC_MICROSECONDS:
        return { bigEndian, nanosecondsPerUnit: 1000, recordHeaderLength: RECORD_HEADER_LENGTH };
      case MAGIC_NANOSECONDS:
        return { bigEndian, nanosecondsPerUnit: 1, recordHeaderLength: RECORD_HEADER_LENGTH };
      case MAGIC_MODIFIED:
        return { bigEndian, nanosecondsPerUnit: 1000, recordHeaderLength: MODIFIED_RECORD_HEADER_LENGTH };
    }
  }
  return undefined;
}

/** Reads pcap files (draft-ietf-opsawg-pcap) in both byte orders, with micro- or nanoseconds. */
export class PcapReader implements RecordReader {
  readonly format = 'pcap';
  readonly insideRecord = false;
  readonly withoutTime = 0;
  readonly timeOutOfRange = 0;
  needed = FILE_HEADER_LENGTH;
  started = false;
  problem: string | undefined = undefined;
  packets = 0;
  capturedBytes = 0;
  wireBytes = 0;

  readonly #sink: PacketSink;
  readonly #bigEndian: boolean;
  readonly #nanosecondsPerUnit: number;
  readonly #unitsPerSecond: number;
  readonly #recordHeaderLength: number;
  #viewed: Uint8Array = new Uint8Array(0);
  #view = new DataView(this.#viewed.buffer);
  #linkType = 0;
  /** Before version 2.3 the two lengths were written in the other order, in 2.3 by some writers. */
  #lengths: 'normal' | 'swapped' | 'perhaps swapped' = 'normal';

  constructor(variant: PcapVariant, sink: PacketSink) {
    this.#sink = sink;
    this.#bigEndian = variant.bigEndian;
    this.#nanosecondsPerUnit = variant.nanosecondsPerUnit;
    this.#unitsPerSecond = 1e9 / variant.nanosecondsPerUnit;
    this.#recordHeaderLength = variant.recordHeaderLength;
  }

  linkTypes(): Map<number, number> {
    return this.packets === 0 ? new Map() : new Map([[this.#linkType, this.packets]]);
  }

  read(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    if (!this.started) {
      if (end - at < FILE_HEADER_LENGTH) {
        this.needed = FILE_HEADER_LENGTH;
        return at;
      }
      if (!this.#readFileHeader(bytes, at)) return at;
      at += FILE_HEADER_LENGTH;
    }
    const headerLength = this.#recordHeaderLength;
    const view = this.#viewOf(bytes);
    const littleEndian = !this.#bigEndian;
    while (end - at >= headerLength) {
      let seconds = view.getUint32(at + SECONDS, littleEndian);
      let fraction = view.getUint32(at + FRACTION, littleEndian);
      let captured = view.getUint32(at + CAPTURED_LENGTH, littleEndian);
      let wire = view.getUint32(at + WIRE_LENGTH, littleEndian);
      if (this.#lengths === 'swapped' || (this.#lengths === 'perhaps swapped' && captured > wire)) {
        [captured, wire] = [wire, captured];
      }
      if (captured > MAX_CAPTURED_LENGTH) {
        this.problem = `a record claims ${captured} captured bytes, more than any frame has`;
        return at;
      }
      if (end - at - headerLength < captured) {
        this.needed = headerLength + captured;
        return at;
      }
      if (fraction >= this.#unitsPerSecond) {
        const carry = Math.floor(fraction / this.#unitsPerSecond);
        seconds += carry;
        fraction -= carry * this.#unitsPerSecond;
      }
      if (wire < captured) wire = captured;
      this.packets++;
      this.capturedBytes += captured;
      this.wireBytes += wire;
      const nanoseconds = fraction * this.#nanosecondsPerUnit;
      this.#sink.packet(this.#linkType, seconds, nanoseconds, bytes, at + headerLength, captured, wire);
      at += headerLength + captured;
    }
    this.needed = headerLength;
    return at;
  }

  /** Four bytes at once: one load instead of four. */
  #viewOf(bytes: Uint8Array): DataView {
    if (bytes !== this.#viewed) {
      this.#viewed = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return this.#view;
  }

  #readFileHeader(bytes: Uint8Array, at: number): boolean {
    const major = readUint16(bytes, at + MAJOR_VERSION, this.#bigEndian);
    const minor = readUint16(bytes, at + MINOR_VERSION, this.#bigEndian);
    // 543.0 is what some versions of ss wrote; libpcap reads it as 2.2.
    if (major !== 2 && major !== 543) {
      this.problem = `version ${major}.${minor} of the pcap format is not known (2.4 is)`;
      return false;
    }
    if (major === 543 || minor < 3) this.#lengths = 'swapped';
    else if (minor === 3) this.#lengths = 'perhaps swapped';
    // The upper half holds the length of the frame check sequence.
    this.#linkType = readUint32(bytes, at + LINK_TYPE, this.#bigEndian) & 0xffff;
    this.started = true;
    return true;
  }
}
