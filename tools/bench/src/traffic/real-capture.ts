import { readCapture, expandCapturePaths, PcapWriter } from '@edgeguard/sources/captures';
import type { PacketSink } from '@edgeguard/metering';

const LINKTYPE_ETHERNET = 1;
const ETHERNET_HEADER_LENGTH = 14;
const ETHERTYPE_IPV4 = 0x0800;
const IPV4_SOURCE_SECOND_OCTET = 13;
const IPV4_DESTINATION_SECOND_OCTET = 17;
/** Traffic time that one round of all captures takes in the built capture. */
const SECONDS_PER_ROUND = 600;
/** Frames are cut to this length, like those of a sensor that keeps headers only. */
const SNAP_LENGTH = 256;

interface HeldFrame {
  readonly offset: number;
  readonly capturedLength: number;
  readonly wireLength: number;
  /** Nanoseconds since the first frame of its capture. */
  readonly sinceStart: number;
}

/**
 * Builds one capture of at least `packets` Ethernet frames from real captures: they are played together, moved to one
 * start, and repeated in rounds. Every round has addresses of its own, so that flows do not merge.
 *
 * @param pattern glob of the captures
 * @returns the number of frames written
 */
export async function buildCaptureFromReal(pattern: string, path: string, packets: number): Promise<number> {
  const { frames, bytes } = await holdFrames(pattern);
  if (frames.length === 0) throw new Error(`${pattern}: no Ethernet frames`);
  const writer = new PcapWriter(path, { linkType: LINKTYPE_ETHERNET, snapLength: SNAP_LENGTH, nanoseconds: false });
  const copy = new Uint8Array(SNAP_LENGTH);
  for (let round = 0; writer.packets < packets; round++) {
    for (const frame of frames) {
      copy.set(bytes.subarray(frame.offset, frame.offset + frame.capturedLength));
      moveAddresses(copy, frame.capturedLength, round);
      const nanoseconds = frame.sinceStart + round * SECONDS_PER_ROUND * 1e9;
      writer.packet(
        LINKTYPE_ETHERNET,
        1_700_000_000 + Math.floor(nanoseconds / 1e9),
        nanoseconds % 1e9,
        copy,
        0,
        frame.capturedLength,
        frame.wireLength,
      );
    }
  }
  writer.commit();
  return writer.packets;
}

/** Reads all captures into memory, sorted by time since each one's start; longer captures wrap into the round. */
async function holdFrames(pattern: string): Promise<{ frames: HeldFrame[]; bytes: Uint8Array }> {
  const frames: HeldFrame[] = [];
  let bytes = new Uint8Array(1 << 24);
  let used = 0;
  for (const path of await expandCapturePaths([pattern])) {
    let start = Number.NaN;
    const sink: PacketSink = {
      packet(linkType, seconds, nanoseconds, source, offset, capturedLength, wireLength) {
        if (linkType !== LINKTYPE_ETHERNET) return;
        const time = seconds * 1e9 + nanoseconds;
        if (Number.isNaN(start)) start = time;
        const kept = Math.min(capturedLength, SNAP_LENGTH);
        if (used + kept > bytes.length) {
          const larger = new Uint8Array(bytes.length * 2);
          larger.set(bytes);
          bytes = larger;
        }
        bytes.set(source.subarray(offset, offset + kept), used);
        const sinceStart = Math.max(0, time - start) % (SECONDS_PER_ROUND * 1e9);
        frames.push({ offset: used, capturedLength: kept, wireLength, sinceStart });
        used += kept;
      },
    };
    await readCapture(path, sink);
  }
  frames.sort((a, b) => a.sinceStart - b.sinceStart || a.offset - b.offset);
  return { frames, bytes };
}

function moveAddresses(frame: Uint8Array, length: number, round: number): void {
  const ip = ETHERNET_HEADER_LENGTH;
  if (length < ip + 20 || ((frame[12]! << 8) | frame[13]!) !== ETHERTYPE_IPV4) return;
  frame[ip + IPV4_SOURCE_SECOND_OCTET] = (frame[ip + IPV4_SOURCE_SECOND_OCTET]! + round) & 0xff;
  frame[ip + IPV4_DESTINATION_SECOND_OCTET] = (frame[ip + IPV4_DESTINATION_SECOND_OCTET]! + round) & 0xff;
}
