import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { UserError } from '@edgeguard/contracts';
import { beforeAll, describe, expect, it } from 'vitest';
import { CaptureDecoder, readCapture } from '../../src/index.ts';
import { HAS_CAPTURES, NO_DATA, realCaptures } from '../support/real-data.ts';
import { hasTool } from '../support/tools.ts';

const HAS_CAPINFOS = hasTool('capinfos');

/** Packets by file, as capinfos counts them, for the files that it reads without complaint. */
function countWithCapinfos(paths: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (let at = 0; at < paths.length; at += 500) {
    const { stdout } = spawnSync('capinfos', ['-cMTmrQ', ...paths.slice(at, at + 500)], { maxBuffer: 1 << 26 });
    for (const line of stdout.toString().split('\n')) {
      const match = /^"(.*)","(\d+)"$/.exec(line);
      if (match) counts.set(match[1], Number(match[2]));
    }
  }
  return counts;
}

describe.skipIf(!HAS_CAPTURES)(`every real capture (${HAS_CAPTURES ? 'read' : NO_DATA})`, () => {
  const refused: string[] = [];
  const packetsByPath = new Map<string, number>();
  beforeAll(async () => {
    for (const path of realCaptures()) {
      try {
        packetsByPath.set(path, (await readCapture(path, { packet() {} })).packets);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        refused.push(error.message);
      }
    }
  });

  it('is read, or refused with a reason', () => {
    const packets = [...packetsByPath.values()].reduce((sum, count) => sum + count, 0);
    expect(packets).toBeGreaterThan(100_000);
    expect(refused.length).toBeLessThan(20);
    for (const message of refused) expect(message).toMatch(/is empty|is not known|ends with the length/);
  });

  it('gives the same packets in chunks of 1, 7 and 4096 bytes', () => {
    const paths = realCaptures().filter((_, i) => i % 40 === 0);
    for (const path of paths) {
      const capture = readFileSync(path).subarray(0, 60_000);
      if (capture.length < 24) continue;
      const digests = [1, 7, 4096, capture.length].map((size) => digest(capture, size));
      expect({ path, digests }).toEqual({ path, digests: digests.map(() => digests[0]) });
    }
  });

  it.skipIf(!HAS_CAPINFOS)(
    `has the packets that capinfos counts (${HAS_CAPINFOS ? 'checked' : 'capinfos is not installed'})`,
    () => {
      const paths = realCaptures();
      const counts = countWithCapinfos(paths);
      expect(counts.size).toBeGreaterThan(0.9 * paths.length);
      const ours = [...counts.keys()].map((path): [string, number | undefined] => [path, packetsByPath.get(path)]);
      expect(new Map(ours)).toEqual(counts);
    },
  );
});

/** A number that depends on every packet's metadata, bytes and order. */
function digest(capture: Uint8Array, size: number): string {
  let hash = 0;
  const mix = (value: number) => {
    hash = (Math.imul(hash, 31) + value) | 0;
  };
  const decoder = new CaptureDecoder(
    {
      packet(linkType, seconds, nanoseconds, bytes, offset, captured, wire) {
        for (const value of [linkType, seconds, nanoseconds, captured, wire]) mix(value);
        for (let i = 0; i < captured; i++) mix(bytes[offset + i]);
      },
    },
    'capture',
  );
  try {
    for (let at = 0; at < capture.length; at += size) {
      if (!decoder.push(capture.subarray(at, at + size))) break;
    }
    const { packets, truncated } = decoder.end();
    return `${hash} ${packets} ${truncated?.atByte} ${truncated?.problem}`;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.message;
  }
}
