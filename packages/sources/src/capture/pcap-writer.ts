import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { assertReplaceable, fileProblem, UserError } from '@edgeguard/contracts/problems';
import type { PacketSink } from '@edgeguard/metering';

const BUFFER = 1 << 20;
const FILE_HEADER_LENGTH = 24;
const RECORD_HEADER_LENGTH = 16;
const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;

export interface PcapWriterOptions {
  readonly linkType: number;
  /** Stated in the file header; frames must have been cut to it already. */
  readonly snapLength?: number;
  /** Times are written as microseconds (the default, which every tool reads) or nanoseconds. */
  readonly nanoseconds?: boolean;
}

/**
 * Writes a pcap file (little endian), frame by frame. It is written beside its name and renamed by {@link commit}: a
 * file of that name is always whole.
 */
export class PcapWriter implements PacketSink {
  packets = 0;

  readonly #path: string;
  readonly #partial: string;
  readonly #file: number;
  readonly #linkType: number;
  readonly #nanosecondsPerUnit: number;
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER);
  #used = 0;

  /** @throws UserError when the file cannot be created */
  constructor(path: string, options: PcapWriterOptions) {
    assertReplaceable(path);
    this.#path = path;
    this.#partial = `${path}.partial`;
    this.#linkType = options.linkType;
    this.#nanosecondsPerUnit = options.nanoseconds ? 1 : 1000;
    try {
      this.#file = openSync(this.#partial, 'w');
    } catch (error) {
      throw fileProblem(path, error);
    }
    const header = this.#buffer;
    header.fill(0, 0, FILE_HEADER_LENGTH);
    header.writeUInt32LE(options.nanoseconds ? MAGIC_NANOSECONDS : MAGIC_MICROSECONDS, 0);
    header.writeUInt16LE(2, 4);
    header.writeUInt16LE(4, 6);
    header.writeUInt32LE(options.snapLength ?? 262_144, 16);
    header.writeUInt32LE(options.linkType, 20);
    this.#used = FILE_HEADER_LENGTH;
  }

  packet(
    linkType: number,
    seconds: number,
    nanoseconds: number,
    bytes: Uint8Array,
    offset: number,
    capturedLength: number,
    wireLength: number,
  ): void {
    if (linkType !== this.#linkType) {
      throw new UserError(
        this.#path,
        `a pcap file holds one link type, here ${this.#linkType}, and a packet has ${linkType}`,
        'write each link type to a file of its own',
      );
    }
    if (this.#used + RECORD_HEADER_LENGTH + capturedLength > BUFFER) this.#flush();
    const buffer = this.#buffer;
    let at = this.#used;
    buffer.writeUInt32LE(seconds, at);
    buffer.writeUInt32LE(Math.floor(nanoseconds / this.#nanosecondsPerUnit), at + 4);
    buffer.writeUInt32LE(capturedLength, at + 8);
    buffer.writeUInt32LE(wireLength, at + 12);
    at += RECORD_HEADER_LENGTH;
    this.#used = at + capturedLength;
    this.packets++;
    if (this.#used > BUFFER) {
      // A frame larger than the buffer, which is empty but for the record header now.
      this.#used = at;
      this.#flush();
      this.#write(bytes, offset, capturedLength);
    } else if (capturedLength <= 256) {
      for (let i = 0; i < capturedLength; i++) buffer[at + i] = bytes[offset + i];
    } else {
      buffer.set(bytes.subarray(offset, offset + capturedLength), at);
    }
  }

  /** Writes the rest and gives the file its name. */
  commit(): void {
    this.#flush();
    try {
      closeSync(this.#file);
      renameSync(this.#partial, this.#path);
    } catch (error) {
      throw fileProblem(this.#path, error);
    }
  }

  /** Removes what was written. */
  abort(): void {
    closeSync(this.#file);
    rmSync(this.#partial, { force: true });
  }

  #flush(): void {
    this.#write(this.#buffer, 0, this.#used);
    this.#used = 0;
  }

  #write(bytes: Uint8Array, offset: number, length: number): void {
    try {
      for (let done = 0; done < length;) done += writeSync(this.#file, bytes, offset + done, length - done);
    } catch (error) {
      throw fileProblem(this.#path, error);
    }
  }
}
