import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger, findWorkspaceRoot } from '@edgeguard/contracts/stage';
import { type Detector, DriftMonitor, type DriftReport, openDetector } from '@edgeguard/detection';
import { detect } from '@edgeguard/runtime';
import type { SyntheticOptions } from '@edgeguard/sources';
import { printTable } from '../harness/table.ts';

const DAY = 86_400;
/** Days of a run, and seeds none of which made the demo. */
const DAYS = 7;
const SEEDS = [101, 102, 103, 104];
/** As in the demo's config. */
const START = 1_768_204_800;
const NETWORK = { startTime: START, hosts: 30, activity: 0.06, attacks: 'none' } as const;

/** Networks that the demo's detector was not made for. */
const CHANGES: readonly { readonly name: string; readonly options: Partial<SyntheticOptions> }[] = [
  { name: 'three times as active', options: { activity: 0.18 } },
  { name: 'three times as many hosts', options: { hosts: 90 } },
];

/** False drift alarms in weeks of the synthetic traffic that the demo was made from, and what a changed network gives. */
export async function benchDrift(): Promise<void> {
  const artifacts = join(findWorkspaceRoot(import.meta.dirname), 'data', 'artifacts', 'demo', 'convert');
  const path = join(artifacts, 'detector.float32.tflite');
  if (!existsSync(path)) {
    process.stdout.write('no detector of the demo, left out: drift; npx nx run demo:convert makes it\n');
    return;
  }
  const detector = await openDetector(path);
  try {
    const stationary: DriftReport[] = [];
    for (const seed of SEEDS) stationary.push(await watch(detector, { ...NETWORK, seed, durationSeconds: DAYS * DAY }));
    const changed: { name: string; report: DriftReport }[] = [];
    for (const { name, options } of CHANGES) {
      const report = await watch(detector, { ...NETWORK, ...options, seed: SEEDS[0]!, durationSeconds: DAY });
      changed.push({ name, report });
    }
    const days = SEEDS.length * DAYS;
    const alarms = stationary.reduce((sum, report) => sum + changesTo(report, 'drifted'), 0);
    printTable(
      'drift: synthetic traffic, the demo’s detector',
      ['traffic', 'days', 'blocks', 'to watch', 'to drifted', 'first after hours', 'in the end'],
      [
        ...stationary.map((report, i) => row(`the same network, seed ${SEEDS[i]!}`, DAYS, report)),
        ...changed.map(({ name, report }) => row(name, 1, report)),
      ],
    );
    process.stdout.write(
      `false drift alarms per 30 days of stationary synthetic traffic: ${((30 * alarms) / days).toFixed(1)} (${alarms} in ${days} days)\n`,
    );
  } finally {
    detector.dispose();
  }
}

async function watch(detector: Detector, options: SyntheticOptions): Promise<DriftReport> {
  const { threshold } = detector.document;
  const drift = new DriftMonitor(detector.document, threshold.expectedRate);
  const log = createLogger('bench', 'error');
  const { signal } = new AbortController();
  await detect({ detector, source: { kind: 'synthetic', options }, outputs: [], drift, log, signal });
  return drift.report();
}

function row(name: string, days: number, report: DriftReport): string[] {
  const { blocks, state } = report;
  return [
    name,
    String(days),
    String(blocks),
    String(changesTo(report, 'watch')),
    String(changesTo(report, 'drifted')),
    firstDrifted(report),
    state,
  ];
}

/** Hours of traffic until drift was first told. */
function firstDrifted({ changes }: DriftReport): string {
  const first = changes.find((change) => change.state === 'drifted');
  return first ? ((first.time - START) / 3600).toFixed(1) : '-';
}

function changesTo({ changes }: DriftReport, state: DriftReport['state']): number {
  return changes.filter((change) => change.state === state).length;
}
