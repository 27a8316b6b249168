import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PcapWriter, readCapture } from '../../src/index.ts';
import { RecordingSink } from '../support/recording-sink.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgeguard-writer-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it.each([true, false])('writes what is read again, nanoseconds: %s', async (nanoseconds) => {
  const path = join(folder, `written-${nanoseconds}.pcap`);
  const writer = new PcapWriter(path, { linkType: 101, nanoseconds });
  const lengths = [0, 1, 64, 257, 70_000, 1_048_000, 1_048_576, 3];
  const written = lengths.map((length, i) => Uint8Array.from({ length }, (_, j) => i + j));
  written.forEach((bytes, i) =>
    writer.packet(101, 4_000_000_000 + i, 123_456_000, bytes, 0, bytes.length, bytes.length + i),
  );
  expect(existsSync(path)).toBe(false);
  writer.commit();
  const sink = new RecordingSink();
  const report = await readCapture(path, sink);
  expect(report).toMatchObject({ packets: lengths.length, truncated: undefined });
  const same = sink.packets.map(({ bytes }, i) => Buffer.compare(bytes, written[i]) === 0);
  expect(same).toEqual(lengths.map(() => true));
  expect(sink.packets[3]).toMatchObject({
    linkType: 101,
    seconds: 4_000_000_003,
    nanoseconds: 123_456_000,
    wireLength: 260,
  });
});

it('leaves nothing when it is aborted', () => {
  const writer = new PcapWriter(join(folder, 'aborted.pcap'), { linkType: 1 });
  writer.packet(1, 0, 0, new Uint8Array(60), 0, 60, 60);
  writer.abort();
  expect(readdirSync(folder).filter((name) => name.startsWith('aborted'))).toEqual([]);
});

it('refuses a second link type', () => {
  const writer = new PcapWriter(join(folder, 'types.pcap'), { linkType: 1 });
  expect(() => writer.packet(113, 0, 0, new Uint8Array(1), 0, 1, 1)).toThrow(
    /a pcap file holds one link type, here 1, and a packet has 113/,
  );
  writer.abort();
});

it.skipIf(!existsSync('/dev/full'))('says that the disk is full (skipped where there is no /dev/full)', () => {
  const path = join(folder, 'full.pcap');
  symlinkSync('/dev/full', `${path}.partial`);
  const writer = new PcapWriter(path, { linkType: 1 });
  expect(() => writer.commit()).toThrow(/full\.pcap: the disk is full/);
  writer.abort();
  expect(existsSync(path)).toBe(false);
});
