import { UserError } from '@edgeguard/contracts';
import fc from 'fast-check';
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
  type WrittenPacket,
  writePcap,
} from '../support/independent-writer.ts';
import { RecordingSink } from '../support/recording-sink.ts';

function decode(capture: Uint8Array, chunkSizes: readonly number[] = []) {
  const sink = new RecordingSink();
  const decoder = new CaptureDecoder(sink, 'test.pcap');
  let at = 0;
  for (let turn = 0; at < capture.length; turn++) {
    const size = chunkSizes.length === 0 ? capture.length : chunkSizes[turn % chunkSizes.length];
    // A copy that is overwritten afterwards: nothing may rely on a chunk after push.
    const chunk = capture.slice(at, at + size);
    const wanted = decoder.push(chunk);
    chunk.fill(0xee);
    if (!wanted) break;
    at += size;
  }
  return { packets: sink.packets, statistics: decoder.end() };
}

const packet = fc
  .record({
    seconds: fc.integer({ min: 0, max: 0xffffffff }),
    nanoseconds: fc.integer({ min: 0, max: 999_999 }).map((microseconds) => microseconds * 1000),
    bytes: fc.uint8Array({ maxLength: 200 }),
    padding: fc.integer({ min: 0, max: 1500 }),
  })
  .map(({ seconds, nanoseconds, bytes, padding }): WrittenPacket => ({
    seconds,
    nanoseconds,
    bytes,
    wireLength: bytes.length + padding,
  }));
const packets = fc.array(packet, { maxLength: 20 });
const chunkSizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 8 });

describe('pcap', () => {
  it('gives back what an independent writer wrote, in every variant, whatever the chunks', () => {
    fc.assert(
      fc.property(
        packets,
        fc.record({
          bigEndian: fc.boolean(),
          nano: fc.boolean(),
          modified: fc.boolean(),
          linkType: fc.constantFrom(0, 1, 101, 113, 228, 276),
        }),
        chunkSizes,
        (written, shape, sizes) => {
          const { packets: read, statistics } = decode(writePcap(shape, written), sizes);
          expect(read).toEqual(written.map((one) => ({ linkType: shape.linkType, ...one })));
          expect(statistics).toMatchObject({ format: 'pcap', packets: written.length, truncated: undefined });
          expect(statistics.capturedBytes).toBe(written.reduce((sum, one) => sum + one.bytes.length, 0));
          expect(statistics.wireBytes).toBe(written.reduce((sum, one) => sum + one.wireLength, 0));
        },
      ),
    );
  });

  it('keeps nanoseconds', () => {
    const shape = { bigEndian: false, nano: true, modified: false, linkType: 1 };
    const written = [{ seconds: 7, nanoseconds: 123_456_789, bytes: new Uint8Array(3), wireLength: 3 }];
    expect(decode(writePcap(shape, written)).packets[0]).toMatchObject({ seconds: 7, nanoseconds: 123_456_789 });
  });

  it('carries a fraction of more than a second into the seconds', () => {
    const shape = { bigEndian: false, nano: false, modified: false, linkType: 1 };
    const capture = writePcap(shape, [
      { seconds: 7, nanoseconds: 2_500_000_000, bytes: new Uint8Array(3), wireLength: 3 },
    ]);
    expect(decode(capture).packets[0]).toMatchObject({ seconds: 9, nanoseconds: 500_000_000 });
  });

  it('reads a capture that is cut anywhere up to the cut and says where', () => {
    const shape = { bigEndian: false, nano: false, modified: false, linkType: 1 };
    const written = [10, 20, 30].map((length) => ({
      seconds: 1,
      nanoseconds: 0,
      bytes: new Uint8Array(length),
      wireLength: length,
    }));
    const capture = writePcap(shape, written);
    const ends = [24, 24 + 26, 24 + 26 + 36, 24 + 26 + 36 + 46];
    for (let cut = 24; cut <= capture.length; cut++) {
      const { statistics } = decode(capture.subarray(0, cut));
      const whole = ends.filter((end) => end <= cut).length - 1;
      expect(statistics.packets).toBe(whole);
      expect(statistics.truncated?.atByte).toBe(ends.includes(cut) ? undefined : ends[whole]);
    }
  });

  it('stops at a record length that cannot be right and reports what came before', () => {
    const shape = { bigEndian: true, nano: false, modified: false, linkType: 1 };
    const one = { seconds: 1, nanoseconds: 0, bytes: new Uint8Array(8), wireLength: 8 };
    const capture = writePcap(shape, [one, one, one]);
    new DataView(capture.buffer).setUint32(24 + 24 + 8, 0x7fffffff);
    expect(decode(capture, [5]).statistics).toMatchObject({ packets: 1, truncated: { atByte: 48, kind: 'corrupt' } });
  });
});

describe('pcapng', () => {
  const section = fc.record({
    little: fc.boolean(),
    blocks: fc.array(
      fc.record({
        kind: fc.constantFrom('enhanced', 'obsolete', 'simple', 'other'),
        index: fc.nat({ max: 1 }),
        packet,
      }),
      { maxLength: 15 },
    ),
  });

  it('gives back what an independent writer wrote over several sections, interfaces and block types', () => {
    fc.assert(
      fc.property(fc.array(section, { minLength: 1, maxLength: 3 }), chunkSizes, (sections, sizes) => {
        const parts: Uint8Array[] = [];
        const expected: unknown[] = [];
        let time = { seconds: 0, nanoseconds: 0 };
        for (const { little, blocks } of sections) {
          // Interface 0 counts microseconds, interface 1 nanoseconds.
          parts.push(
            sectionHeader(little),
            interfaceDescription(little, 1, 6, 0n),
            interfaceDescription(little, 101, 9, 0n),
          );
          for (const { kind, index, packet: one } of blocks) {
            const perSecond = index === 0 ? 1_000_000n : 1_000_000_000n;
            const units = BigInt(one.seconds) * perSecond + BigInt(one.nanoseconds) / (1_000_000_000n / perSecond);
            const linkType = index === 0 ? 1 : 101;
            if (kind === 'other') parts.push(block(little, 0x0bad, one.bytes));
            else if (kind === 'simple') {
              parts.push(simplePacket(little, one.bytes));
              expected.push({ linkType: 1, ...time, bytes: one.bytes, wireLength: one.bytes.length });
            } else {
              parts.push((kind === 'enhanced' ? enhancedPacket : obsoletePacket)(little, index, units, one));
              time = { seconds: one.seconds, nanoseconds: one.nanoseconds };
              expected.push({ linkType, ...one });
            }
          }
        }
        const { packets: read, statistics } = decode(join(parts), sizes);
        expect(read).toEqual(expected);
        expect(statistics).toMatchObject({ format: 'pcapng', packets: expected.length, truncated: undefined });
        const counted = [...statistics.linkTypes.values()].reduce((sum, count) => sum + count, 0);
        expect(counted).toBe(expected.length);
      }),
    );
  });

  it('converts every timestamp resolution exactly and adds the offset', () => {
    const cases = [
      { resolution: 0, units: 1_700_000_000n, offset: 0n, seconds: 1_700_000_000, nanoseconds: 0 },
      { resolution: 3, units: 1_700_000_000_123n, offset: 0n, seconds: 1_700_000_000, nanoseconds: 123_000_000 },
      {
        resolution: 9,
        units: 1_700_000_000_123_456_789n,
        offset: -5n,
        seconds: 1_699_999_995,
        nanoseconds: 123_456_789,
      },
      {
        resolution: 9,
        units: 18_446_744_073_709_551_615n,
        offset: -1n << 34n,
        seconds: 1_266_874_889,
        nanoseconds: 709_551_615,
      },
      { resolution: 12, units: 1_700_000_000_123_456n, offset: 0n, seconds: 1700, nanoseconds: 123 },
      { resolution: 0x80 | 10, units: 1025n, offset: 3n, seconds: 4, nanoseconds: 976_562 },
      { resolution: 0x80 | 32, units: (5n << 32n) | (1n << 31n), offset: 0n, seconds: 5, nanoseconds: 500_000_000 },
    ];
    for (const { resolution, units, offset, seconds, nanoseconds } of cases) {
      const one = { seconds: 0, nanoseconds: 0, bytes: new Uint8Array(1), wireLength: 1 };
      const capture = join([
        sectionHeader(true),
        interfaceDescription(true, 1, resolution, offset),
        enhancedPacket(true, 0, units, one),
      ]);
      const [read] = decode(capture).packets;
      expect({ resolution, ...read }).toMatchObject({ resolution, seconds, nanoseconds });
    }
  });

  it('takes the nearest time for one that an int64 of nanoseconds cannot hold, and counts it', () => {
    const one = { seconds: 0, nanoseconds: 0, bytes: new Uint8Array(1), wireLength: 1 };
    const capture = join([
      sectionHeader(false),
      interfaceDescription(false, 1, 0, 0n),
      enhancedPacket(false, 0, 0xffff_ffff_ffff_ffffn, one),
    ]);
    const { packets: read, statistics } = decode(capture);
    expect(read[0].seconds).toBe(9_223_372_035);
    expect(statistics.timeOutOfRange).toBe(1);
  });

  it('skips a huge block of another type without keeping it', () => {
    const one = { seconds: 3, nanoseconds: 0, bytes: new Uint8Array(9), wireLength: 9 };
    const capture = join([
      sectionHeader(true),
      block(true, 0x0bad, new Uint8Array(5_000_000)),
      interfaceDescription(true, 1, 6, 0n),
      enhancedPacket(true, 0, 3_000_000n, one),
    ]);
    expect(decode(capture, [70_001]).statistics).toMatchObject({ packets: 1, truncated: undefined });
    expect(decode(capture.subarray(0, 1_000_000), [70_001]).statistics.truncated).toMatchObject({ kind: 'cut' });
  });

  it('stops at a packet of an interface that was not described', () => {
    const one = { seconds: 3, nanoseconds: 0, bytes: new Uint8Array(9), wireLength: 9 };
    const { statistics } = decode(join([sectionHeader(true), enhancedPacket(true, 0, 1n, one)]));
    expect(statistics.truncated).toMatchObject({
      atByte: 28,
      kind: 'corrupt',
      problem: expect.stringContaining('interface 0'),
    });
  });
});

describe('what is no capture', () => {
  it.each([
    ['nothing', new Uint8Array(0), /test\.pcap: the file is empty; /],
    ['text', new TextEncoder().encode('hello, world'), /byte 0: this is not a capture; /],
    ['three bytes', new Uint8Array([0xd4, 0xc3, 0xb2]), /byte 3: the file ends before a capture header is complete/],
    [
      'half a header',
      writePcap({ bigEndian: false, nano: false, modified: false, linkType: 1 }, []).subarray(0, 20),
      /byte 20: the file ends before/,
    ],
    ['snoop', new TextEncoder().encode('snoop\u0000\u0000\u0000\u0000\u0000\u0000\u0002'), /snoop capture .*editcap/],
    ['a zip archive', new Uint8Array([0x50, 0x4b, 3, 4, 0, 0]), /zip archive/],
  ])('refuses %s in one line', (_, bytes, message) => {
    for (const sizes of [[], [1]]) {
      expect(() => decode(bytes, sizes)).toThrow(UserError);
      expect(() => decode(bytes, sizes)).toThrow(message);
    }
  });

  it('refuses another version of the format', () => {
    const capture = writePcap({ bigEndian: false, nano: false, modified: false, linkType: 1 }, []);
    capture[4] = 1;
    expect(() => decode(capture)).toThrow(/byte 0: version 1\.4 of the pcap format is not known/);
  });
});
