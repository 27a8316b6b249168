import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '@edgeguard/contracts/stage';
import { openDetector } from '@edgeguard/detection';
import { FlowMeter } from '@edgeguard/metering';
import { readCapture, synthesizeCapture } from '@edgeguard/sources';
import { detect, openLineOutput } from '../src/index.ts';
import { FrameKeeper, whyNoWire } from './virtual-wire.ts';
import { METERING, zScoreDetector } from './z-score-detector.ts';

const PROBES = 10_000;
/** Alert events that an operator may see in a minute of traffic time. */
const MOST_EVENTS = 3;
const folder = mkdtempSync(join(tmpdir(), 'edgeguard-scan-'));
let detectorBytes: Uint8Array;

beforeAll(async () => {
  detectorBytes = await zScoreDetector();
});

async function look(capture: string) {
  const detector = await openDetector(detectorBytes);
  const path = `${capture}.alerts`;
  const output = openLineOutput(path);
  const summary = await detect({
    detector,
    source: { kind: 'captures', paths: [capture], merge: false },
    outputs: [{ lines: output, format: 'eve' }],
    log: createLogger('detect', 'silent'),
    signal: new AbortController().signal,
    alerting: { tell: 'episodes' },
  });
  output.close();
  detector.dispose();
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return { summary, events: lines.map((line) => JSON.parse(line)) };
}

type Found = Awaited<ReturnType<typeof look>>;

/** The most events in any minute of traffic time. */
function mostInAMinute(events: Found['events']): number {
  const times = events.map(({ timestamp }) => Date.parse(timestamp));
  return Math.max(...times.map((time) => times.filter((other) => other >= time && other < time + 60_000).length));
}

/** Nothing is lost on the way from the file's packets to what was told. */
async function addsUp(capture: string, { summary, events }: Found): Promise<void> {
  const frames = new FrameKeeper();
  await readCapture(capture, frames);
  const skipped = Object.values(summary.skipped).reduce((sum, count) => sum + count, 0);
  expect(summary.packets + skipped).toBe(frames.frames.length);
  const ended = new Set<string>();
  let records = 0;
  const meter = new FlowMeter(METERING, {
    record: ({ sourceAddress, sourcePort, destinationAddress, destinationPort, protocol, startNanoseconds }) => {
      records++;
      ended.add(
        `${sourceAddress} ${sourcePort} ${destinationAddress} ${destinationPort} ${protocol} ${startNanoseconds}`,
      );
    },
  });
  await readCapture(capture, meter);
  meter.finish();
  expect(summary.records).toBe(records);
  expect(summary.flows).toBe(ended.size);
  expect(summary.scored + summary.nonFinite).toBe(summary.records);
  const episodes = events.map(({ alert }) => alert.context.edgeguard.episode);
  const closed = episodes.filter(({ state }) => state === 'close');
  const told = closed.reduce((sum, { alerts }) => sum + alerts, 0);
  expect(told + summary.unreported + summary.suppressed).toBe(summary.alerts);
  expect(summary.written).toBe(events.length);
}

describe('a scan of 10,000 probes', () => {
  it('amid the traffic of a network: at most three events a minute, and everything adds up', async () => {
    const capture = join(folder, 'synthetic.pcap');
    const attacks = [{ kind: 'port-scan', start: 60, duration: 70, intensity: 20 }];
    await synthesizeCapture({ seed: 104, durationSeconds: 150, attacks }, capture);
    const found = await look(capture);
    const SCANNER = '203.0.113.21';
    const ofScan = found.events.filter(({ src_ip, dest_ip }) => src_ip === SCANNER || dest_ip === SCANNER);
    const [probes] = ofScan
      .map(({ alert }) => alert.context.edgeguard.episode)
      .filter(({ state }) => state === 'close');
    expect(probes.alerts).toBeGreaterThanOrEqual(0.99 * PROBES);
    expect(mostInAMinute(ofScan)).toBeLessThanOrEqual(MOST_EVENTS);
    await addsUp(capture, found);
  });

  const noWire = whyNoWire();
  it.skipIf(noWire)(`by a real scanner, recorded by tcpdump: no other events at all${noWire}`, async () => {
    const capture = join(folder, 'recorded.pcap');
    await recordScan(capture);
    const found = await look(capture);
    // On a machine that is busy tcpdump may miss a few.
    expect(found.summary.flows).toBeGreaterThan(0.95 * PROBES);
    expect(found.summary.alerts).toBeGreaterThan(0.9 * PROBES);
    expect(mostInAMinute(found.events)).toBeLessThanOrEqual(MOST_EVENTS);
    expect(found.events[0].alert.context.edgeguard.finding).toBe('scan-like');
    await addsUp(capture, found);
  });
});

/** Probes ports of a host in a network namespace of its own, under the eyes of tcpdump. */
async function recordScan(capture: string): Promise<void> {
  const namespace = `eg-scan-${process.pid}`;
  const inside = (...command: string[]): [string, string[]] => ['ip', ['netns', 'exec', namespace, ...command]];
  execFileSync('ip', ['netns', 'add', namespace]);
  try {
    execFileSync(...inside('ip', 'link', 'set', 'lo', 'up'));
    const tcpdump = spawn(...inside('tcpdump', '-i', 'lo', '-U', '--nano', '-s', '128', '-B', '16384', '-w', capture), {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const closed = new Promise((resolve) => tcpdump.on('close', resolve));
    // It says that it listens before it does.
    await new Promise((resolve) => tcpdump.stderr.once('data', resolve));
    await setTimeout(500);
    execFileSync(...inside(process.execPath, join(import.meta.dirname, 'scan-ports.mjs'), '127.0.0.2', String(PROBES)));
    for (let size = -1; size !== statSync(capture).size; await setTimeout(500)) size = statSync(capture).size;
    tcpdump.kill('SIGINT');
    await closed;
  } finally {
    spawnSync('ip', ['netns', 'delete', namespace]);
  }
}
