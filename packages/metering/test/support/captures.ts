import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { PacketSink } from '../../src/packet-sink.ts';

/** Real captures, see the data folder's README; not part of the repository. */
export const DATA_FOLDER = process.env.EDGEGUARD_DATA ?? resolve(import.meta.dirname, '../../../../../shared/data');
export const CAPTURES = join(DATA_FOLDER, 'captures');
export const HAS_CAPTURES = existsSync(CAPTURES);

/** Capture files of one folder. */
export function capturesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /\.(pcap|pcapng|cap)$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/**
 * A reader for tests, of plain pcap and pcapng: enough for well-formed captures, and it stops at the first oddity. The
 * real one is in packages/sources, which imports this package.
 */
export function readCapture(path: string, sink: PacketSink): number {
  const bytes = readFileSync(path);
  if (bytes.length < 24) return 0;
  const magic = bytes.readUInt32LE(0);
  return magic === 0x0a0d0d0a ? readPcapng(bytes, sink) : readPcap(bytes, sink);
}

function readPcap(bytes: Buffer, sink: PacketSink): number {
  const little = bytes.readUInt32LE(0);
  const big = bytes.readUInt32BE(0);
  const isLittle = little === 0xa1b2c3d4 || little === 0xa1b23c4d;
  if (!isLittle && big !== 0xa1b2c3d4 && big !== 0xa1b23c4d) return 0;
  const u32 = (at: number): number => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const unit = u32(0) === 0xa1b23c4d ? 1 : 1000;
  const linkType = u32(20) & 0xffff;
  let packets = 0;
  for (let at = 24; at + 16 <= bytes.length;) {
    const captured = u32(at + 8);
    if (at + 16 + captured > bytes.length) break;
    sink.packet(linkType, u32(at), u32(at + 4) * unit, bytes, at + 16, captured, u32(at + 12));
    packets++;
    at += 16 + captured;
  }
  return packets;
}

interface Interface {
  linkType: number;
  /** Timestamp units per second. */
  resolution: bigint;
}

function readPcapng(bytes: Buffer, sink: PacketSink): number {
  let isLittle = true;
  let interfaces: Interface[] = [];
  let packets = 0;
  const u16 = (at: number): number => (isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const u32 = (at: number): number => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  for (let at = 0; at + 12 <= bytes.length;) {
    if (bytes.readUInt32LE(at) === 0x0a0d0d0a) {
      isLittle = bytes.readUInt32LE(at + 8) === 0x1a2b3c4d;
      interfaces = [];
    }
    const type = u32(at);
    const length = u32(at + 4);
    if (length < 12 || at + length > bytes.length) break;
    if (type === 1) {
      const found: Interface = { linkType: u16(at + 8), resolution: 1_000_000n };
      for (let option = at + 16; option + 4 <= at + length - 4;) {
        const code = u16(option);
        if (code === 0) break;
        if (code === 9) {
          const value = bytes[option + 4];
          found.resolution = (value & 0x80) === 0 ? 10n ** BigInt(value) : 2n ** BigInt(value & 0x7f);
        }
        option += 4 + ((u16(option + 2) + 3) & ~3);
      }
      interfaces.push(found);
    } else if (type === 6) {
      const from = interfaces[u32(at + 8)];
      const units = (BigInt(u32(at + 12)) << 32n) | BigInt(u32(at + 16));
      const seconds = units / from.resolution;
      const nanoseconds = ((units % from.resolution) * 1_000_000_000n) / from.resolution;
      sink.packet(from.linkType, Number(seconds), Number(nanoseconds), bytes, at + 28, u32(at + 20), u32(at + 24));
      packets++;
    }
    at += length;
  }
  return packets;
}
