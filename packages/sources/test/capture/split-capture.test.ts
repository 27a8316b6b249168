import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FlowMeter, DETECTION_OPTIONS } from '@edgeguard/metering';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PcapWriter, readCapture, readCaptures, synthesizeCapture } from '../../src/index.ts';
import { type RecordedPacket, RecordingSink } from '../support/recording-sink.ts';

let folder: string;
let whole: string;
let packets: readonly RecordedPacket[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'edgeguard-split-'));
  whole = join(folder, 'whole.pcap');
  await synthesizeCapture({ seed: 3, durationSeconds: 300 }, whole);
  const sink = new RecordingSink();
  await readCapture(whole, sink);
  packets = sink.packets;
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Every record of the captures as one stream: identity, instant, and all features. */
async function meter(paths: readonly string[]): Promise<string[]> {
  const records: string[] = [];
  const flows = new FlowMeter(DETECTION_OPTIONS, {
    record: (r) => {
      const name = `${r.communityId} ${r.flowId} ${r.ageClass} ${r.endReason} ${r.timeSeconds}.${r.timeNanoseconds}`;
      records.push(`${name} ${r.dnsName} ${r.tlsServerName} ${[...r.features].join(' ')}`);
    },
  });
  await readCaptures(paths, flows);
  flows.finish();
  return records;
}

function write(name: string, part: readonly RecordedPacket[]): string {
  const path = join(folder, name);
  const writer = new PcapWriter(path, { linkType: part[0].linkType, nanoseconds: true });
  for (const { linkType, seconds, nanoseconds, bytes, wireLength } of part) {
    writer.packet(linkType, seconds, nanoseconds, bytes, 0, bytes.length, wireLength);
  }
  writer.commit();
  return path;
}

describe('a capture split anywhere', () => {
  it('and metered as one stream gives the records of the whole', async () => {
    const expected = await meter([whole]);
    expect(expected.length).toBeGreaterThan(500);
    const place = fc.integer({ min: 1, max: packets.length - 1 });
    await fc.assert(
      fc.asyncProperty(place, async (at) => {
        const parts = [write('first.pcap', packets.slice(0, at)), write('second.pcap', packets.slice(at))];
        expect(await meter(parts)).toEqual(expected);
      }),
      { numRuns: 12, seed: 20_260_109 },
    );
  });
});
