import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ACCOUNTING_OPTIONS, FlowMeter } from '../src/index.ts';
import { CAPTURES, HAS_CAPTURES, capturesIn, readCapture } from './support/captures.ts';

const FOLDER = join(CAPTURES, 'nfstream');

/** Captures on which flows differ, each with the packets that show why. */
const DIFFERENCES: Record<string, string> = {
  'ajp.pcap': 'frames 3, 6, 8, 10 and others are Cisco FabricPath, whose tag NFStream takes for an IP header',
  'capwap.pcap': 'frames 116 to 119 carry 802.11 probe requests, whose body NFStream takes for an IP header',
  'fuzz-2021-06-07-c6c72a0a56.pcap': 'packet 1 claims 4,093,509,168 bytes; NFStream keeps the last 16 bits, 65,072',
};

/** "packets bytes" of each flow, sorted. */
function flowsOf(file: string): string[] {
  const flows: string[] = [];
  const meter = new FlowMeter(
    { ...ACCOUNTING_OPTIONS, maxFlows: 4096 },
    {
      record(r) {
        expect(r.isFinal).toBe(true);
        flows.push(`${r.forwardPackets + r.backwardPackets} ${r.forwardFrameBytes + r.backwardFrameBytes}`);
      },
    },
  );
  readCapture(file, meter);
  meter.finish();
  const { packets, bytes, flows: ended } = meter.statistics();
  expect(ended).toBe(flows.length);
  const sum = (column: number): number => flows.reduce((total, flow) => total + Number(flow.split(' ')[column]), 0);
  expect([packets, bytes]).toEqual([sum(0), sum(1)]);
  return flows.sort();
}

function expectedFlows(file: string): string[] {
  const rows = readFileSync(join(FOLDER, 'expected', `${basename(file)}.csv`), 'utf8')
    .trim()
    .split('\n')
    .slice(1);
  return rows.map((row) => row.split(',').slice(1, 3).join(' ')).sort();
}

describe.skipIf(!HAS_CAPTURES)('flows, packets and bytes of NFStream (skipped without the real captures)', () => {
  const files = HAS_CAPTURES ? capturesIn(FOLDER) : [];

  it('finds 96 captures', () => {
    expect(files).toHaveLength(96);
  });

  it(`equals all but ${Object.keys(DIFFERENCES).length} of them`, () => {
    const differing = files
      .filter((file) => flowsOf(file).join() !== expectedFlows(file).join())
      .map((f) => basename(f));
    expect(differing).toEqual(Object.keys(DIFFERENCES));
  });
});
