import { mkdtempSync, readFileSync, statSync, truncateSync, copyFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import { openDetector } from '@edgeguard/detection';
import type { Anonymiser } from '@edgeguard/contracts/anonymise';
import { createLogger } from '@edgeguard/contracts/stage';
import { synthesizeCapture } from '@edgeguard/sources';
import {
  type Alerting,
  type AlertFormat,
  detect,
  type DetectSummary,
  openLineOutput,
  type TrafficSource,
} from '../src/index.ts';
import { realData, whySkipped } from './real-data.ts';
import { validatorOf } from './validator.ts';
import { zScoreDetector } from './z-score-detector.ts';

const folder = mkdtempSync(join(tmpdir(), 'edgeguard-detect-'));
const capture = join(folder, 'attacks.pcap');
const SYNTHETIC = { seed: 103, durationSeconds: 150, attacks: [{ kind: 'port-scan', start: 60, duration: 20 }] };
let detectorBytes: Uint8Array;
/** The capture from its file: what the other ways are compared with. */
let whole: Found;

beforeAll(async () => {
  detectorBytes = await zScoreDetector();
  await synthesizeCapture(SYNTHETIC, capture);
  whole = await look(files(capture));
});

interface Found {
  readonly summary: DetectSummary;
  readonly lines: string[];
}

let runs = 0;

async function look(
  source: TrafficSource,
  extra: {
    threshold?: number;
    alerting?: Alerting;
    anonymiser?: Anonymiser;
    signal?: AbortSignal;
    format?: AlertFormat;
  } = {},
): Promise<Found> {
  const detector = await openDetector(detectorBytes);
  const path = join(folder, `alerts-${runs++}`);
  const output = openLineOutput(path);
  const summary = await detect({
    detector,
    source,
    outputs: [{ lines: output, format: extra.format ?? 'eve' }],
    log: createLogger('detect', 'silent'),
    signal: extra.signal ?? new AbortController().signal,
    ...(extra.threshold === undefined ? {} : { threshold: extra.threshold }),
    alerting: { tell: 'each', ...extra.alerting },
    ...(extra.anonymiser === undefined ? {} : { anonymiser: extra.anonymiser }),
  });
  output.close();
  detector.dispose();
  return { summary, lines: readFileSync(path, 'utf8').split('\n').slice(0, -1) };
}

const files = (...paths: string[]): TrafficSource => ({ kind: 'captures', paths, merge: false });

describe('detect', () => {
  it('raises alerts on attacks, each with its reasons', () => {
    const { summary, lines } = whole;
    const events = lines.map((line) => JSON.parse(line));
    expect(events.length).toBe(summary.alerts);
    expect(events.length).toBeGreaterThan(10);
    for (const { alert } of events) {
      const { score, threshold, p_value, contributions, reason } = alert.context.edgeguard;
      expect(score).toBeGreaterThan(threshold);
      expect(p_value).toBeLessThanOrEqual(0.01);
      expect(contributions.length).toBeGreaterThan(0);
      expect(reason).toContain(contributions[0].text);
    }
    // The scan's alerts name what a scan does.
    expect(events.some(({ alert }) => /port/.test(alert.context.edgeguard.reason))).toBe(true);
  });

  it('counts what it saw', () => {
    const { summary } = whole;
    expect(summary.packets).toBeGreaterThan(1000);
    expect(summary.scored + summary.nonFinite).toBe(summary.records);
    expect(summary.records).toBeGreaterThan(summary.flows);
    expect(summary.trafficSeconds).toBeGreaterThan(140);
    expect(summary.nonFinite).toBe(0);
  });

  it('gives the same alerts from the packets themselves as from their file', async () => {
    const fromGenerator = await look({ kind: 'synthetic', options: SYNTHETIC });
    expect(fromGenerator.lines).toEqual(whole.lines);
  });

  it('takes several captures each by itself, or as one stream', async () => {
    const copy = join(folder, 'copy.pcap');
    copyFileSync(capture, copy);
    const twice = await look(files(capture, copy));
    expect(twice.lines).toEqual([...whole.lines, ...whole.lines]);
    const merged = await look({ kind: 'captures', paths: [capture, copy], merge: true });
    expect(merged.summary.packets).toBe(twice.summary.packets);
    expect(merged.summary.timeReversals).toBeGreaterThan(0);
  });

  it('alerts strictly above the threshold that it is given', async () => {
    const all = await look(files(capture), { threshold: -1 });
    expect(all.summary.alerts).toBe(all.summary.scored);
    const scores = all.lines.map((line) => JSON.parse(line).alert.context.edgeguard.score as number);
    const highest = Math.max(...scores);
    expect((await look(files(capture), { threshold: highest })).summary.alerts).toBe(0);
  });

  it('tells a scan in a few episodes, and the numbers add up', async () => {
    const { summary, lines } = await look(files(capture), { alerting: { tell: 'episodes' } });
    expect(summary.alerts).toBe(whole.summary.alerts);
    expect(summary.written).toBe(lines.length);
    expect(lines.length).toBeLessThan(whole.lines.length / 3);
    const episodes = lines.map((line) => JSON.parse(line).alert.context.edgeguard.episode);
    const closed = episodes.filter(({ state }) => state === 'close');
    const opened = episodes.filter(({ state }) => state === 'open');
    expect(closed.reduce((sum, { alerts }) => sum + alerts, 0)).toBe(summary.alerts);
    const ids = (of: typeof episodes) => of.map(({ id }) => id).sort((a, b) => a - b);
    expect(ids(opened)).toEqual(ids(closed));
    expect(new Set(ids(opened)).size).toBe(opened.length);
  });

  it('counts episodes that were closed for want of room', async () => {
    const { summary, lines } = await look(files(capture), {
      threshold: 1,
      alerting: { tell: 'episodes', episodes: { maxOpen: 1 } },
    });
    expect(summary.evictedEpisodes).toBeGreaterThan(0);
    const closed = lines.map((line) => JSON.parse(line).alert.context.edgeguard.episode);
    const told = closed.filter(({ state }) => state === 'close').reduce((sum, { alerts }) => sum + alerts, 0);
    expect(told + summary.unreported).toBe(summary.alerts);
  });

  it('says that an episode is over when traffic has gone on without it, and not when the next alert comes', async () => {
    const { lines } = await look(files(capture), { alerting: { tell: 'episodes', episodes: { quietSeconds: 10 } } });
    const waited = lines.flatMap((line) => {
      const { timestamp, alert } = JSON.parse(line);
      const { state, end } = alert.context.edgeguard.episode;
      return state === 'close' ? [Date.parse(timestamp) - Date.parse(end)] : [];
    });
    // All but those that were open when the traffic ended.
    expect(waited.filter((milliseconds) => milliseconds === 10_000).length).toBeGreaterThan(waited.length / 2);
    expect(Math.max(...waited)).toBe(10_000);
  });

  it('reads a cut capture up to the cut, and says where that is', async () => {
    const cut = join(folder, 'cut.pcap');
    copyFileSync(capture, cut);
    truncateSync(cut, statSync(capture).size - 7);
    const { summary } = await look(files(cut));
    expect(summary.packets).toBe(whole.summary.packets - 1);
    expect(summary.truncated).toEqual([
      expect.objectContaining({ path: cut, problem: expect.stringContaining('ends') }),
    ]);
  });

  it('stops when asked to, and says so', async () => {
    const { summary } = await look(files(capture), { signal: AbortSignal.abort() });
    expect(summary.interrupted).toBe(true);
  });
});

const noReal = whySkipped('captures', 'nfstream') || whySkipped('schemas');

describe.skipIf(noReal)(`alerts on real captures${noReal}`, () => {
  const suricata = (): ValidateFunction =>
    new Ajv({ strict: false }).compile(
      JSON.parse(readFileSync(realData('schemas', 'suricata-eve.schema.json'), 'utf8')),
    );
  const valid = noReal
    ? undefined
    : {
        eve: [suricata(), validatorOf('eve-alert')],
        ecs: [validatorOf('ecs-alert')],
        ocsf: [validatorOf('ocsf-alert')],
      };
  const names = ['1kxun.pcap', 'ftp_failed.pcap', 'http_ipv6.pcap', 'netbios_wildcard_dns_query.pcap', 'dns_dot.pcap'];

  it.each(names)('%s: every record gives a valid event in every format', async (name) => {
    const source = files(realData('captures', 'nfstream', name));
    for (const format of ['eve', 'ecs', 'ocsf'] as const) {
      const { summary, lines } = await look(source, { threshold: -1, format });
      expect(lines.length).toBe(summary.scored);
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) {
        for (const validate of valid![format]) {
          validate(JSON.parse(line));
          expect(validate.errors).toBeNull();
        }
      }
    }
  });
});
