import { UserError } from '@edgeguard/contracts/problems';
import type { PacketSink } from '@edgeguard/metering';
import { readUint32 } from './byte-order.ts';
import type { CaptureStatistics, CaptureTruncation } from './capture-statistics.ts';
import { nameForeignFormat } from './foreign-formats.ts';
import { PcapReader, pcapVariant } from './pcap-reader.ts';
import { PcapngReader, SECTION_HEADER } from './pcapng-reader.ts';
import type { RecordReader } from './record-reader.ts';

const MAGIC_LENGTH = 4;
const REMEDY = 'give a pcap or pcapng file, as tcpdump -w and Wireshark write it';

/**
 * Turns the bytes of one capture, pcap or pcapng, into calls of a {@link PacketSink}. Chunks may have any size and are
 * not kept: a frame that lies wholly in a chunk is not copied, others are put together in one bounded buffer.
 */
export class CaptureDecoder {
  readonly #sink: PacketSink;
  readonly #name: string;
  #reader: RecordReader | undefined = undefined;
  /** Beginning of a record whose end has not come yet. */
  #carry: Uint8Array = new Uint8Array(4096);
  #carried = 0;
  /** Offset in the capture of the first byte that is neither consumed nor carried. */
  #received = 0;
  #truncated: CaptureTruncation | undefined = undefined;

  /** @param name the file's name, for errors */
  constructor(sink: PacketSink, name: string) {
    this.#sink = sink;
    this.#name = name;
  }

  /**
   * Takes the next bytes of the capture. Returns false when no more are wanted, since a record was corrupt.
   *
   * @throws UserError when the bytes are not the beginning of a capture
   */
  push(chunk: Uint8Array): boolean {
    if (this.#truncated !== undefined) return false;
    let at = 0;
    while (this.#carried > 0) {
      const needed = this.#reader?.needed ?? MAGIC_LENGTH;
      const taken = Math.min(needed - this.#carried, chunk.length - at);
      this.#append(chunk, at, taken, needed);
      at += taken;
      if (this.#carried < needed) return true;
      const consumed = this.#read(this.#carry, 0, this.#carried, this.#received - this.#carried);
      if (this.#truncated !== undefined) return false;
      this.#carry.copyWithin(0, consumed, this.#carried);
      this.#carried -= consumed;
    }
    const before = this.#received - at;
    const consumed = this.#read(chunk, at, chunk.length, before);
    this.#received = before + consumed;
    if (this.#truncated !== undefined) return false;
    this.#append(chunk, consumed, chunk.length - consumed, this.#reader?.needed ?? MAGIC_LENGTH);
    return true;
  }

  /** Packets given to the sink so far. */
  get packets(): number {
    return this.#reader?.packets ?? 0;
  }

  /**
   * Says that the capture ends here, and what was read.
   *
   * @param broken why the input ended early, when the caller knows (a cut or damaged compressed file)
   * @throws UserError when there was not even a file header
   */
  end(broken?: Pick<CaptureTruncation, 'kind' | 'problem'>): CaptureStatistics {
    const reader = this.#reader;
    if (this.#received === 0 && broken === undefined) throw new UserError(this.#name, 'the file is empty', REMEDY);
    if (reader === undefined || (!reader.started && reader.problem === undefined)) {
      throw new UserError(
        `${this.#name}: byte ${this.#received}`,
        broken?.problem ?? 'the file ends before a capture header is complete',
        REMEDY,
      );
    }
    if (this.#truncated === undefined && (broken !== undefined || this.#carried > 0 || reader.insideRecord)) {
      this.#truncated = {
        atByte: this.#received - this.#carried,
        kind: broken?.kind ?? 'cut',
        problem: broken?.problem ?? 'the capture ends inside a record',
      };
    }
    return this.#statistics(reader);
  }

  #statistics(reader: RecordReader): CaptureStatistics {
    return {
      format: reader.format,
      packets: reader.packets,
      capturedBytes: reader.capturedBytes,
      wireBytes: reader.wireBytes,
      linkTypes: reader.linkTypes(),
      withoutTime: reader.withoutTime,
      timeOutOfRange: reader.timeOutOfRange,
      truncated: this.#truncated,
    };
  }

  /** @param base offset in the capture of `bytes[0]` */
  #read(bytes: Uint8Array, start: number, end: number, base: number): number {
    if (this.#reader === undefined) {
      if (end - start < MAGIC_LENGTH) return start;
      this.#reader = this.#detect(bytes, start, end);
    }
    const reader = this.#reader;
    const consumed = reader.read(bytes, start, end);
    if (reader.problem !== undefined) {
      const atByte = base + consumed;
      if (!reader.started) throw new UserError(`${this.#name}: byte ${atByte}`, reader.problem, REMEDY);
      this.#truncated = { atByte, kind: 'corrupt', problem: reader.problem };
    }
    return consumed;
  }

  #detect(bytes: Uint8Array, at: number, end: number): RecordReader {
    if (readUint32(bytes, at, false) === SECTION_HEADER) return new PcapngReader(this.#sink);
    const variant = pcapVariant(bytes, at);
    if (variant !== undefined) return new PcapReader(variant, this.#sink);
    const foreign = nameForeignFormat(bytes.subarray(at, end));
    throw foreign === undefined
      ? new UserError(`${this.#name}: byte 0`, 'this is not a capture', REMEDY)
      : new UserError(`${this.#name}: byte 0`, `this is ${foreign.name}, not pcap or pcapng`, foreign.remedy);
  }

  #append(chunk: Uint8Array, start: number, length: number, needed: number): void {
    if (this.#carry.length < needed) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#carry.length));
      larger.set(this.#carry.subarray(0, this.#carried));
      this.#carry = larger;
    }
    // Small pieces are the usual case (records cut by a chunk border): a loop beats subarray and set there.
    if (length <= 64) {
      for (let i = 0; i < length; i++) this.#carry[this.#carried + i] = chunk[start + i];
    } else {
      this.#carry.set(chunk.subarray(start, start + length), this.#carried);
    }
    this.#carried += length;
    this.#received += length;
  }
}
