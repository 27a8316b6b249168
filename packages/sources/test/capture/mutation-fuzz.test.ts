import { UserError } from '@edgeguard/contracts';
import { describe, expect, it } from 'vitest';
import { CaptureDecoder } from '../../src/index.ts';
import {
  block,
  enhancedPacket,
  interfaceDescription,
  join,
  obsoletePacket,
  sectionHeader,
  simplePacket,
  writePcap,
} from '../support/independent-writer.ts';

const SECONDS = Number(process.env['EDGEGUARD_FUZZ_SECONDS'] ?? 3);

/** A small generator of repeatable numbers (mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const one = { seconds: 5, nanoseconds: 6000, bytes: Uint8Array.from({ length: 60 }, (_, i) => i), wireLength: 90 };
const seeds = [
  writePcap({ bigEndian: false, nano: false, modified: false, linkType: 1 }, [one, one, one]),
  writePcap({ bigEndian: true, nano: true, modified: false, linkType: 113 }, [one, one, one]),
  writePcap({ bigEndian: true, nano: false, modified: true, linkType: 1 }, [one, one, one]),
  ...[true, false].map((little) =>
    join([
      sectionHeader(little),
      interfaceDescription(little, 1, 9, 3n),
      enhancedPacket(little, 0, 7n, one),
      block(little, 5, new Uint8Array(30)),
      interfaceDescription(little, 101, 0x8a, 0n),
      obsoletePacket(little, 1, 7n, one),
      simplePacket(little, one.bytes),
      sectionHeader(!little),
      interfaceDescription(!little, 1, 6, 0n),
      enhancedPacket(!little, 0, 7n, one),
    ]),
  ),
];

const INTERESTING = [0, 1, 3, 4, 11, 12, 13, 0x7f, 0x80, 0xff];

describe('mutated captures', () => {
  it(
    `never crash, hang or leave the file (${SECONDS} s; EDGEGUARD_FUZZ_SECONDS for more)`,
    { timeout: (SECONDS + 60) * 1000 },
    () => {
      const end = performance.now() + SECONDS * 1000;
      let tried = 0;
      let packets = 0;
      let refused = 0;
      while (performance.now() < end) {
        const below = numbers(tried);
        let capture = seeds[below(seeds.length)].slice();
        for (let changes = 1 + below(6); changes > 0; changes--) {
          const at = below(capture.length);
          capture[at] = below(2) === 0 ? below(256) : INTERESTING[below(INTERESTING.length)];
          if (below(20) === 0 && capture.length > 1) capture = capture.slice(0, 1 + below(capture.length));
          if (below(20) === 0) capture = join([capture, capture.subarray(below(capture.length))]);
        }
        const decoder = new CaptureDecoder(
          {
            packet(_linkType, seconds, nanoseconds, bytes, offset, captured, wire) {
              packets++;
              const right =
                offset >= 0 &&
                captured >= 0 &&
                offset + captured <= bytes.length &&
                captured <= capture.length &&
                wire >= captured &&
                seconds >= 0 &&
                Number.isSafeInteger(seconds) &&
                nanoseconds >= 0 &&
                nanoseconds < 1e9 &&
                Number.isInteger(nanoseconds);
              if (!right) throw new Error(`seed ${tried} breaks the contract of PacketSink`);
            },
          },
          'mutated',
        );
        try {
          const size = 1 + below(capture.length);
          for (let at = 0; at < capture.length; at += size) {
            if (!decoder.push(capture.subarray(at, at + size))) break;
          }
          decoder.end();
        } catch (error) {
          if (!(error instanceof UserError)) throw new Error(`seed ${tried}`, { cause: error });
          refused++;
        }
        tried++;
      }
      if (process.env['EDGEGUARD_FUZZ_SECONDS'] !== undefined) {
        console.log(`tried ${tried} captures with ${packets} packets; ${refused} were refused`);
      }
      expect(tried).toBeGreaterThan(1000);
      expect(packets).toBeGreaterThan(tried);
      expect(refused).toBeGreaterThan(0);
    },
  );
});
