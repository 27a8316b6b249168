import type { PacketSink } from '@edgeguard/metering';

/** A packet as a sink saw it, with its bytes copied. */
export interface RecordedPacket {
  linkType: number;
  seconds: number;
  nanoseconds: number;
  bytes: Uint8Array;
  wireLength: number;
}

/** Keeps every packet. */
export class RecordingSink implements PacketSink {
  readonly packets: RecordedPacket[] = [];

  packet(
    linkType: number,
    seconds: number,
    nanoseconds: number,
    bytes: Uint8Array,
    offset: number,
    capturedLength: number,
    wireLength: number,
  ): void {
    if (offset < 0 || capturedLength < 0 || offset + capturedLength > bytes.length) {
      throw new RangeError(`frame ${offset}+${capturedLength} lies outside ${bytes.length} bytes`);
    }
    this.packets.push({
      linkType,
      seconds,
      nanoseconds,
      bytes: new Uint8Array(bytes.subarray(offset, offset + capturedLength)),
      wireLength,
    });
  }
}
