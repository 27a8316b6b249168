import type { PacketSink } from '@edgeguard/metering';
import { readUint16, readUint32 } from './byte-order.ts';
import { MAX_CAPTURED_LENGTH, type RecordReader } from './record-reader.ts';
import { TimestampClock } from './timestamp-resolution.ts';

// Block types and offsets: draft-ietf-opsawg-pcapng, section 4
export const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const OBSOLETE_PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const BLOCK_OVERHEAD = 12;
const OPTION_END = 0;
const OPTION_TIMESTAMP_RESOLUTION = 9;
const OPTION_TIMESTAMP_OFFSET = 14;
const MICROSECONDS = 6;

/** A packet or interface block longer than this cannot be right; other blocks are skipped whatever their length. */
const MAX_BLOCK_LENGTH = 2 * MAX_CAPTURED_LENGTH;
const MAX_INTERFACES = 65_536;

interface CaptureInterface {
  readonly linkType: number;
  /** 0 is without limit. */
  readonly snapLength: number;
  readonly clock: TimestampClock;
  packets: number;
}

/** Reads pcapng files (draft-ietf-opsawg-pcapng) with any number of sections and interfaces, in both byte orders. */
export class PcapngReader implements RecordReader {
  readonly format = 'pcapng';
  needed = BLOCK_OVERHEAD;
  started = false;
  problem: string | undefined = undefined;
  packets = 0;
  capturedBytes = 0;
  wireBytes = 0;
  withoutTime = 0;
  timeOutOfRange = 0;

  readonly #sink: PacketSink;
  #bigEndian = false;
  #interfaces: CaptureInterface[] = [];
  /** Packets by link type in the sections before this one. */
  readonly #earlierSections = new Map<number, number>();
  /** Bytes of the present block that are still to be passed over. */
  #skip = 0;
  /** The block length that must be repeated behind the skipped bytes. */
  #expectedTrailer = 0;
  #lastSeconds = 0;
  #lastNanoseconds = 0;

  constructor(sink: PacketSink) {
    this.#sink = sink;
  }

  get insideRecord(): boolean {
    return this.#expectedTrailer > 0;
  }

  linkTypes(): Map<number, number> {
    const counts = new Map(this.#earlierSections);
    for (const { linkType, packets } of this.#interfaces) {
      if (packets > 0) counts.set(linkType, (counts.get(linkType) ?? 0) + packets);
    }
    return counts;
  }

  read(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    for (;;) {
      if (this.#expectedTrailer > 0) {
        const passed = Math.min(this.#skip, end - at);
        this.#skip -= passed;
        at += passed;
        if (end - at < 4) {
          this.needed = 4;
          return at;
        }
        if (!this.#checkTrailer(bytes, at, this.#expectedTrailer)) return at;
        this.#expectedTrailer = 0;
        at += 4;
      }
      if (end - at < BLOCK_OVERHEAD) {
        this.needed = BLOCK_OVERHEAD;
        return at;
      }
      const isSection = readUint32(bytes, at, false) === SECTION_HEADER;
      if (isSection && !this.#readByteOrder(bytes, at + 8)) return at;
      const type = readUint32(bytes, at, this.#bigEndian);
      const length = readUint32(bytes, at + 4, this.#bigEndian);
      if (length < BLOCK_OVERHEAD || length % 4 !== 0) {
        this.problem = `a block claims an impossible length of ${length} bytes`;
        return at;
      }
      if (!isSection && !isRead(type)) {
        this.#expectedTrailer = length;
        this.#skip = length - 4;
        continue;
      }
      if (length > MAX_BLOCK_LENGTH) {
        this.problem = `a block claims ${length} bytes, more than any packet needs`;
        return at;
      }
      if (end - at < length) {
        this.needed = length;
        return at;
      }
      if (!this.#checkTrailer(bytes, at + length - 4, length)) return at;
      if (!this.#readBlock(type, bytes, at, length)) return at;
      at += length;
    }
  }

  #checkTrailer(bytes: Uint8Array, at: number, length: number): boolean {
    const trailer = readUint32(bytes, at, this.#bigEndian);
    if (trailer === length) return true;
    this.problem = `a block of ${length} bytes ends with the length ${trailer}`;
    return false;
  }

  #readByteOrder(bytes: Uint8Array, at: number): boolean {
    if (readUint32(bytes, at, false) === BYTE_ORDER_MAGIC) this.#bigEndian = false;
    else if (readUint32(bytes, at, true) === BYTE_ORDER_MAGIC) this.#bigEndian = true;
    else {
      this.problem = 'a section header has no byte-order magic';
      return false;
    }
    return true;
  }

  #readBlock(type: number, bytes: Uint8Array, at: number, length: number): boolean {
    const body = at + 8;
    const bodyEnd = at + length - 4;
    switch (type) {
      case ENHANCED_PACKET:
        return this.#readPacket(bytes, body, bodyEnd, 4);
      case OBSOLETE_PACKET:
        return this.#readPacket(bytes, body, bodyEnd, 2);
      case SIMPLE_PACKET:
        return this.#readSimplePacket(bytes, body, bodyEnd);
      case INTERFACE_DESCRIPTION:
        return this.#readInterface(bytes, body, bodyEnd);
      default:
        return this.#readSection(bytes, body, bodyEnd);
    }
  }

  #readSection(bytes: Uint8Array, at: number, end: number): boolean {
    if (end - at < 16) return this.#refuse('a section header is too short');
    const major = readUint16(bytes, at + 4, this.#bigEndian);
    const minor = readUint16(bytes, at + 6, this.#bigEndian);
    // 1.2 is what some writers put for the same format; libpcap takes it too.
    if (major !== 1 || (minor !== 0 && minor !== 2)) {
      return this.#refuse(`version ${major}.${minor} of the pcapng format is not known (1.0 is)`);
    }
    for (const [linkType, packets] of this.linkTypes()) this.#earlierSections.set(linkType, packets);
    this.#interfaces = [];
    this.started = true;
    return true;
  }

  #readInterface(bytes: Uint8Array, at: number, end: number): boolean {
    if (end - at < 8) return this.#refuse('an interface description is too short');
    if (this.#interfaces.length >= MAX_INTERFACES) {
      return this.#refuse(`a section describes more than ${MAX_INTERFACES} interfaces`);
    }
    const bigEndian = this.#bigEndian;
    let resolution = MICROSECONDS;
    let offset = 0n;
    let option = at + 8;
    while (end - option >= 4) {
      const code = readUint16(bytes, option, bigEndian);
      const length = readUint16(bytes, option + 2, bigEndian);
      const value = option + 4;
      if (code === OPTION_END || length > end - value) break;
      if (code === OPTION_TIMESTAMP_RESOLUTION && length === 1) resolution = bytes[value];
      if (code === OPTION_TIMESTAMP_OFFSET && length === 8) {
        const high = readUint32(bytes, bigEndian ? value : value + 4, bigEndian);
        const low = readUint32(bytes, bigEndian ? value + 4 : value, bigEndian);
        offset = BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low));
      }
      option = value + ((length + 3) & ~3);
    }
    this.#interfaces.push({
      linkType: readUint16(bytes, at, bigEndian),
      snapLength: readUint32(bytes, at + 4, bigEndian),
      clock: new TimestampClock(resolution, offset),
      packets: 0,
    });
    return true;
  }

  /** Enhanced and obsolete packet blocks differ in the width of the interface number only. */
  #readPacket(bytes: Uint8Array, at: number, end: number, interfaceWidth: 2 | 4): boolean {
    if (end - at < 20) return this.#refuse('a packet block is too short');
    const bigEndian = this.#bigEndian;
    const index = interfaceWidth === 4 ? readUint32(bytes, at, bigEndian) : readUint16(bytes, at, bigEndian);
    const source = this.#interfaces[index];
    if (source === undefined) return this.#refuse(`a packet names interface ${index}, which was not described`);
    const captured = readUint32(bytes, at + 12, bigEndian);
    const wire = readUint32(bytes, at + 16, bigEndian);
    if (captured > end - at - 20 || captured > MAX_CAPTURED_LENGTH) {
      return this.#refuse(`a packet claims ${captured} captured bytes, more than its block holds`);
    }
    const { clock } = source;
    if (!clock.set(readUint32(bytes, at + 4, bigEndian), readUint32(bytes, at + 8, bigEndian))) this.timeOutOfRange++;
    this.#lastSeconds = clock.seconds;
    this.#lastNanoseconds = clock.nanoseconds;
    this.#give(source, bytes, at + 20, captured, wire);
    return true;
  }

  #readSimplePacket(bytes: Uint8Array, at: number, end: number): boolean {
    const source = this.#interfaces[0];
    if (source === undefined) return this.#refuse('a simple packet comes before any interface description');
    if (end - at < 4) return this.#refuse('a simple packet block is too short');
    const wire = readUint32(bytes, at, this.#bigEndian);
    // The captured length is not written: it follows from the snapshot length, and the block must hold it.
    const captured = source.snapLength === 0 ? wire : Math.min(wire, source.snapLength);
    if (captured > end - at - 4 || captured > MAX_CAPTURED_LENGTH) {
      return this.#refuse(`a simple packet claims ${captured} captured bytes, more than its block holds`);
    }
    this.withoutTime++;
    this.#give(source, bytes, at + 4, captured, wire);
    return true;
  }

  #give(source: CaptureInterface, bytes: Uint8Array, at: number, captured: number, wire: number): void {
    const onWire = wire < captured ? captured : wire;
    source.packets++;
    this.packets++;
    this.capturedBytes += captured;
    this.wireBytes += onWire;
    this.#sink.packet(source.linkType, this.#lastSeconds, this.#lastNanoseconds, bytes, at, captured, onWire);
  }

  #refuse(problem: string): false {
    this.problem = problem;
    return false;
  }
}

function isRead(type: number): boolean {
  return (
    type === ENHANCED_PACKET || type === OBSOLETE_PACKET || type === SIMPLE_PACKET || type === INTERFACE_DESCRIPTION
  );
}
