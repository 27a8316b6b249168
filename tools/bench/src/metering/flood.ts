import { join } from 'node:path';
import { rmSync } from 'node:fs';
import { cpuSecondsOfCommand, isInstalled, measureOutput } from '../harness/cpu-time.ts';
import { printTable } from '../harness/table.ts';
import { buildFloodCapture } from '../traffic/flood-capture.ts';
import type { MeterRun } from '../workers/meter-capture.ts';
import { METER, SOFTFLOWD } from './contenders.ts';

const FLOOD_PACKETS = 10_000_000;
const CONCURRENT_FLOWS = 1_000_000;

/** Packets per CPU second on the capture of ordinary traffic. */
export interface OrdinaryRates {
  readonly ours: number;
  readonly softflowd: number | undefined;
}

/** A flood of one-packet flows with random sources, beside softflowd; then a million flows at a time. */
export function benchFlood(folder: string, ordinary: OrdinaryRates): void {
  const capture = join(folder, 'flood.pcap');
  buildFloodCapture(capture, FLOOD_PACKETS);
  const { seconds, run } = meter(capture, []);
  const rows = [floodRow('EdgeGuard, all features', seconds, ordinary.ours, run)];
  if (ordinary.softflowd !== undefined && isInstalled(SOFTFLOWD.command)) {
    const peer = cpuSecondsOfCommand(SOFTFLOWD.command, SOFTFLOWD.parameters(capture));
    rows.push(floodRow('softflowd', peer, ordinary.softflowd));
  }
  printTable(
    `metering: a flood of ${FLOOD_PACKETS} SYNs from random addresses, one run`,
    ['', 'CPU s', 'us/packet', 'rate / ordinary', 'records', 'evicted flows', 'peak MB'],
    rows,
  );
  rmSync(capture);

  const flows = join(folder, 'flows.pcap');
  buildFloodCapture(flows, CONCURRENT_FLOWS);
  // A little more room than flows: the table is not to evict.
  const most = meter(flows, [String(2 ** 20)]).run;
  printTable(
    'metering: a million flows at a time, all features',
    ['flows at a time', 'evicted', 'resident MB'],
    [[String(most.peakFlows), String(most.evictedFlows), megabytes(most.peakBytes)]],
  );
  rmSync(flows);
}

function meter(capture: string, more: readonly string[]): { seconds: number; run: MeterRun } {
  const { seconds, output } = measureOutput(process.execPath, [METER, capture, 'detection', ...more]);
  return { seconds, run: JSON.parse(output) as MeterRun };
}

function floodRow(name: string, seconds: number, ordinary: number, run?: MeterRun): string[] {
  return [
    name,
    seconds.toFixed(1),
    ((seconds / FLOOD_PACKETS) * 1e6).toFixed(2),
    (FLOOD_PACKETS / seconds / ordinary).toFixed(2),
    run === undefined ? '-' : String(run.records),
    run === undefined ? '-' : String(run.evictedFlows),
    run === undefined ? '-' : megabytes(run.peakBytes),
  ];
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
