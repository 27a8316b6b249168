import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ACCOUNTING_OPTIONS, FlowMeter } from '@edgeguard/metering';
import { describe, expect, it } from 'vitest';
import { readCapture, synthesizeCapture } from '../../src/index.ts';
import { HAS_CAPTURES, NO_DATA, realCaptures } from '../support/real-data.ts';
import { hasTool } from '../support/tools.ts';
import { exportWithSoftflowd } from './softflowd.ts';

const HAS_SOFTFLOWD = hasTool('softflowd');
const REASON = HAS_SOFTFLOWD ? NO_DATA : 'softflowd is not installed';

/** An Ethernet frame is padded so that it carries at least so many bytes. */
const SMALLEST_PAYLOAD = 46;
const SMALLEST_PACKET = 40;

/** Captures whose packets the two put into different flows. */
const DIFFERENT: Readonly<Record<string, string>> = {
  '4in4tunnel.pcap': 'the meter takes the inner packets of tunnels, softflowd the outer ones',
  '6in6tunnel.pcap': 'the same',
  'capwap.pcap': 'the same',
  'gtp-u.pcap': 'the same',
  'dnscrypt-v1-and-resolver-pings.pcap': 'the meter puts later fragments to the flow of the first, softflowd does not',
  'ip_fragmented_garbage.pcap': 'the same',
};

/** Packets and bytes by direction of a conversation. */
class Totals {
  readonly byDirection = new Map<string, [packets: number, bytes: number]>();

  add(protocol: number, source: string, destination: string, packets: number, bytes: number): void {
    const key = `${protocol} ${source} > ${destination}`;
    const [p, b] = this.byDirection.get(key) ?? [0, 0];
    this.byDirection.set(key, [p + packets, b + bytes]);
  }
}

/** ICMP has no ports; what sensors put in their place differs. */
function endpoint(protocol: number, ip: string, port: number): string {
  return protocol === 1 || protocol === 58 ? ip : `${ip} ${port}`;
}

async function metered(capture: string): Promise<Totals> {
  const totals = new Totals();
  const meter = new FlowMeter(ACCOUNTING_OPTIONS, {
    record(flow) {
      const source = endpoint(flow.protocol, flow.sourceAddress, flow.sourcePort);
      const destination = endpoint(flow.protocol, flow.destinationAddress, flow.destinationPort);
      totals.add(flow.protocol, source, destination, flow.forwardPackets, flow.forwardBytes);
      totals.add(flow.protocol, destination, source, flow.backwardPackets, flow.backwardBytes);
    },
  });
  await readCapture(capture, meter);
  meter.finish();
  return totals;
}

async function exported(capture: string): Promise<Totals> {
  const totals = new Totals();
  const { flows } = await exportWithSoftflowd(capture, '9');
  for (const flow of flows) {
    const source = endpoint(flow.protocol, flow.srcIp, flow.srcPort);
    const destination = endpoint(flow.protocol, flow.dstIp, flow.dstPort);
    totals.add(flow.protocol, source, destination, flow.forwardPackets, flow.forwardBytes);
    totals.add(flow.protocol, destination, source, flow.backwardPackets, flow.backwardBytes);
  }
  return totals;
}

/** Directions with packets, and their packets. */
function packetsOf({ byDirection }: Totals): Map<string, number> {
  const packets = [...byDirection].map(([key, [count]]): [string, number] => [key, count]);
  return new Map(packets.filter(([, count]) => count > 0).sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe.skipIf(!HAS_SOFTFLOWD)(
  `the meter and softflowd on one capture (${HAS_SOFTFLOWD ? 'compared' : REASON})`,
  () => {
    it('count the same packets in every direction, and the same bytes but for padding', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'edgeguard-parity-'));
      const capture = join(folder, 'capture.pcap');
      await synthesizeCapture({ seed: 4, durationSeconds: 300, attacks: 'none' }, capture);
      const [ours, theirs] = [await metered(capture), await exported(capture)];
      rmSync(folder, { recursive: true });
      expect(packetsOf(theirs)).toEqual(packetsOf(ours));
      // softflowd counts what an Ethernet frame carries, the padding of short frames included.
      const padding = SMALLEST_PAYLOAD - SMALLEST_PACKET;
      const differences = [...ours.byDirection].map(([key, [packets, bytes]]) => {
        const difference = (theirs.byDirection.get(key)?.[1] ?? 0) - bytes;
        return {
          difference,
          possible: difference >= 0 && difference <= packets * padding && difference % padding === 0,
        };
      });
      expect(differences.filter(({ possible }) => !possible)).toEqual([]);
      expect(differences.filter(({ difference }) => difference === 0).length).toBeGreaterThan(differences.length / 2);
    });
  },
);

describe.skipIf(!HAS_SOFTFLOWD || !HAS_CAPTURES)(
  `the meter and softflowd on real captures (${HAS_SOFTFLOWD && HAS_CAPTURES ? 'compared' : REASON})`,
  () => {
    const captures = realCaptures()
      .filter((path) => path.includes('/nfstream/'))
      .filter((path, i) => i % 8 === 0 || basename(path) in DIFFERENT);

    it('count the same packets in every direction, but where tunnels or fragments are', async () => {
      const different: string[] = [];
      for (const capture of captures) {
        const [ours, theirs] = [packetsOf(await metered(capture)), packetsOf(await exported(capture))];
        if (JSON.stringify([...ours]) !== JSON.stringify([...theirs])) different.push(basename(capture));
      }
      expect(different).toEqual(Object.keys(DIFFERENT).sort());
    });
  },
);
