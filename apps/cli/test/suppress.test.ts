import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { DatasetReader } from '@edgeguard/contracts/arrow';
import { synthesizeCapture } from '@edgeguard/sources';
import { zScoreDetector } from '../../../packages/runtime/test/z-score-detector.ts';
import { complaint, edgeguard, scratch } from './edgeguard.ts';

const folder = scratch();
const at = (name: string): string => join(folder, name);
const [capture, detector, alerts, rules, verdicts] = ['scan.pcap', 'z.tflite', 'a.jsonl', 'r.json', 'v.jsonl'].map(
  at,
) as [string, string, string, string, string];
/** Address of the scanner: that of the most alerts. */
let scanner: string;
let all: string[];

beforeAll(async () => {
  writeFileSync(detector, await zScoreDetector());
  await synthesizeCapture(
    {
      seed: 21,
      durationSeconds: 90,
      attacks: ['port-scan', 'password-guessing'].map((kind) => ({ kind, start: 30, duration: 20 })),
    },
    capture,
  );
  await done('detect', detector, capture, '--each', '-o', alerts);
  all = readFileSync(alerts, 'utf8').trimEnd().split('\n');
  const counts = new Map<string, number>();
  for (const line of all) {
    const source = JSON.parse(line).src_ip as string;
    counts.set(source, (counts.get(source) ?? 0) + 1);
  }
  [scanner] = [...counts].reduce((most, each) => (each[1] > most[1] ? each : most));
});

async function done(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await edgeguard(args);
  if (code !== 0) throw new Error(stderr);
  return { stdout, stderr };
}

const scans = (lines: readonly string[]): string[] => lines.filter((line) => line.includes(scanner));
const TERMS = ['--owner', 'ops', '--reason', 'our scanner'];

describe('suppressions', () => {
  it('take alerts out after scoring, and the summary counts them by rule', async () => {
    const scan = scans(all);
    expect(scan.length).toBeGreaterThan(20);
    expect(scan.length).toBeLessThan(all.length);
    await done(
      'suppress',
      'add',
      rules,
      ...TERMS,
      '--expires',
      '2030-01-01',
      '--scanner',
      `${scanner}/32`,
      '--id',
      'pen-test',
    );
    await done('suppress', 'add', rules, ...TERMS, '--expires', '2020-01-01', '--host', '192.168.10.80');
    expect((await done('suppress', 'list', rules)).stdout).toMatch(/pen-test +ops +2030-01-01T.* role scanner/);
    const { stdout, stderr } = await done('detect', detector, capture, '--each', '--suppress', rules);
    // The reply of the other side has another source.
    const left = all.filter((line) => JSON.parse(line).src_ip !== scanner);
    expect(stdout.split('\n').slice(0, -1)).toEqual(left);
    const suppressed = all.length - left.length;
    expect(stderr).toContain(`${all.length} alerts`);
    expect(stderr).toContain(`alerts suppressed: ${suppressed} (pen-test ${suppressed})`);
    const check = await done('suppress', 'check', rules, alerts);
    expect(check.stdout).toContain(`${all.length} alerts, ${suppressed} suppressed, ${left.length} left`);
  });

  it('count what they would have suppressed after they have expired', async () => {
    const expired = at('expired.json');
    await done('suppress', 'add', expired, ...TERMS, '--expires', '2024-01-01', '--host', scanner);
    const { stdout, stderr } = await done('detect', detector, capture, '--each', '--suppress', expired);
    expect(stdout.split('\n').slice(0, -1)).toEqual(all);
    expect(stderr).toMatch(/rules that have expired, and the alerts that they no longer suppress: rule-1 \d/);
  });

  it('leave the episodes of other alerts as they are, and everything adds up', async () => {
    const { stdout, stderr } = await done('detect', detector, capture, '--suppress', rules);
    const episodes = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).alert.context.edgeguard.episode);
    const told = episodes.filter(({ state }) => state === 'close').reduce((sum, episode) => sum + episode.alerts, 0);
    const suppressed = Number(/alerts suppressed: (\d+)/.exec(stderr)![1]);
    expect(told + suppressed).toBe(all.length);
  });

  it('are not checked against what is no EVE JSON', async () => {
    const ecs = at('alerts.ecs');
    await done('detect', detector, capture, '--each', '--format', 'ecs', '-o', ecs);
    expect(complaint(await edgeguard(['suppress', 'check', rules, ecs]))).toMatch(
      /alerts\.ecs: line 1: this is no event of EVE JSON; give alerts that detect --format eve has written/,
    );
  });

  it('can be removed', async () => {
    await done('suppress', 'remove', rules, 'rule-2');
    expect((await done('suppress', 'list', rules)).stdout).not.toMatch(/rule-2/);
    expect(complaint(await edgeguard(['suppress', 'remove', rules, 'rule-2']))).toMatch(/it has no rule rule-2/);
  });

  it.each([
    [['--host', '1.2.3.4'], 2, /--expires/],
    [['--expires', 'soon', '--host', '1.2.3.4'], 2, /a time such as 30d/],
    [['--expires', '99999999999d', '--host', '1.2.3.4'], 2, /a time such as 30d/],
    [['--expires', '2026-02-31', '--host', '1.2.3.4'], 2, /a date such as/],
    [['--expires', '30d'], 2, /say what the rule suppresses/],
    [['--expires', '30d', '--host', 'printer'], 1, /not an IP address/],
    [['--expires', '30d', '--from', '02:00'], 2, /belong together/],
  ])('refuse a rule %j', async (options, expected, text) => {
    const before = readFileSync(rules);
    const { code, stderr } = await edgeguard(['suppress', 'add', rules, ...TERMS, ...options]);
    expect(code).toBe(expected);
    expect(stderr).toMatch(text);
    expect(readFileSync(rules)).toEqual(before);
  });
});

describe('verdicts', () => {
  const id = (line: string): string => JSON.parse(line).alert.context.edgeguard.alert_id;

  it('on alerts become suppressions', async () => {
    const [one] = scans(all).filter((line) => JSON.parse(line).src_ip === scanner);
    const other = all.find((line) => !line.includes(scanner))!;
    const add = ['verdict', 'add', verdicts, alerts];
    await done(...add, '--alert', id(one!), '--as', 'expected', '--by', 'Ann', '--reason', 'our test');
    await done(...add, '--alert', id(other).slice(0, 13), '--as', 'true-positive');
    expect((await done('verdict', 'list', verdicts)).stdout).toMatch(/expected +Ann .*our test/);
    const made = at('made.json');
    const { stdout } = await done('verdict', 'suppress', verdicts, made, '--owner', 'ops', '--expires', '9999d');
    expect(stdout).toMatch(/^1 rule added/);
    const { stderr } = await done('detect', detector, capture, '--suppress', made, '-o', at('left.jsonl'));
    expect(stderr).toMatch(/alerts suppressed: \d/);
  });

  it('choose rows of a dataset, which say so', async () => {
    const [flows, chosen] = [at('flows.arrow'), at('chosen.arrow')];
    await done('meter', capture, '--tcp-close', '-o', flows);
    await done('verdict', 'dataset', verdicts, flows, '-o', chosen);
    const reader = await DatasetReader.open(chosen);
    try {
      expect(reader.metadata.get('edgeguard.origin')).toBe('verdict');
      const batch = await reader.batch(0);
      expect(new Set(batch.strings('label'))).toEqual(new Set(['normal', 'attack']));
      const labels = batch.strings('label');
      const sources = batch.strings('src_ip');
      expect(labels[sources.indexOf(scanner)]).toBe('normal');
      expect(batch.length).toBe(2);
    } finally {
      await reader.close();
    }
    // A detector can be tried on them.
    const { stdout } = await done('detect', detector, chosen, '--format', 'text');
    expect(stdout).toMatch(/chosen\.arrow row \d/);
  });

  it('are refused on an alert that is not there', async () => {
    const args = ['verdict', 'add', verdicts, alerts, '--as', 'expected', '--alert'];
    expect(complaint(await edgeguard([...args, 'ffffffff-ffff']))).toMatch(/it has no alert/);
    expect(complaint(await edgeguard([...args, 'ff']))).toMatch(/too short/);
  });
});
