import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCapture, synthesizeCapture } from '@edgeguard/sources';
import { FrameKeeper, RECEIVER, VirtualWire, whyNoWire } from '../../../packages/runtime/test/virtual-wire.ts';
import { zScoreDetector } from '../../../packages/runtime/test/z-score-detector.ts';
import { BIN, complaint, edgeguard, type RunOptions, scratch } from './edgeguard.ts';

const folder = scratch();
const capture = join(folder, 'scan.pcap');
const detector = join(folder, 'z.tflite');
let alerts: string;

beforeAll(async () => {
  writeFileSync(detector, await zScoreDetector());
  await synthesizeCapture(
    { seed: 21, durationSeconds: 90, snapLength: 2048, attacks: [{ kind: 'port-scan', start: 30, duration: 20 }] },
    capture,
  );
  alerts = await detect([capture]);
});

async function detect(args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await edgeguard(['detect', detector, '--each', ...args], options);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

describe('detect', () => {
  it('writes one EVE alert a line into a pipe', () => {
    const events = alerts
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.length).toBeGreaterThan(20);
    expect(events.every(({ alert }) => alert.context.edgeguard.score > alert.context.edgeguard.threshold)).toBe(true);
  });

  it('tells of episodes by default, which add up to the records above the threshold', async () => {
    const { stdout } = await edgeguard(['detect', detector, capture]);
    const told = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).alert.context.edgeguard.episode);
    const closed = told.filter(({ state }) => state === 'close');
    expect(told.length).toBeLessThan(alerts.split('\n').length / 3);
    expect(closed.reduce((sum, episode) => sum + episode.alerts, 0)).toBe(alerts.trimEnd().split('\n').length);
  });

  it('tells of open episodes again, of those that enough records confirm, and of no more than it may', async () => {
    const told = async (...args: string[]): Promise<{ states: string[]; stderr: string }> => {
      const { stdout, stderr } = await edgeguard(['detect', detector, capture, ...args]);
      const lines = stdout.split('\n').filter((line) => line !== '');
      return { states: lines.map((line) => JSON.parse(line).alert.context.edgeguard.episode.state), stderr };
    };
    const usual = await told();
    const news = await told('--updates', '5s');
    expect(news.states.filter((state) => state === 'update').length).toBeGreaterThan(
      usual.states.filter((state) => state === 'update').length,
    );
    const confirmed = await told('--vote', '5/6');
    expect(confirmed.states.length).toBeLessThan(usual.states.length);
    expect(confirmed.stderr).toMatch(/alerts of sources that too few records confirm: \d/);
    const few = await told('--max-alerts', '4/min', '--threshold', '1');
    expect(few.stderr).toMatch(/alerts folded into one episode, since there was too much to tell: \d/);
  });

  it('refuses options of episodes where there are none', async () => {
    const { code, stderr } = await edgeguard(['detect', detector, capture, '--each', '--vote', '3/5']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/--vote is about episodes/);
  });

  it('gives the same alerts from standard input', async () => {
    expect(await detect(['-'], { stdin: readFileSync(capture) })).toBe(alerts);
  });

  it('writes to a file, anew or behind what is there', async () => {
    const path = join(folder, 'alerts.jsonl');
    await detect([capture, '-o', path]);
    await detect([capture, '-o', path]);
    expect(readFileSync(path, 'utf8')).toBe(alerts);
    await detect([capture, '-o', path, '--append']);
    expect(readFileSync(path, 'utf8')).toBe(alerts + alerts);
  });

  it('tells people in words, with --format text', async () => {
    const text = await detect([capture, '--format', 'text']);
    const [what, why] = text.split('\n');
    expect(what).toMatch(
      /^2024-01-15 08:0\d:\d\d\.\d{3} {2}severity \d {2}\S+ -> \S+ (TCP|UDP) {2}score [\d.]+, threshold/,
    );
    expect(why).toMatch(/^ {4}\S.*: .+, (usually|expected) /);
    const heads = text.split('\n').filter((line) => /^\S/.test(line));
    expect(heads.length).toBe(alerts.trimEnd().split('\n').length);
    expect(text).toMatch(/\n {4}no alert \(score [\d.]+\) with .+ instead of .+\n/);
  });

  it.each(['native', 'wasm', 'reference'])('runs on the engine %s, with the same alerts', async (engine) => {
    const path = join(folder, `${engine}.jsonl`);
    await detect([capture, '--engine', engine, '-o', path]);
    const keys = (text: string) =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
        .map(({ timestamp, flow_id }) => `${timestamp} ${flow_id}`);
    expect(keys(readFileSync(path, 'utf8'))).toEqual(keys(alerts));
  });

  it('ends with a summary on standard error, or in silence with --quiet', async () => {
    const { stderr } = await edgeguard(['detect', detector, capture]);
    expect(stderr).toMatch(
      /\d packets in \d+ flows, [\d,]+ records scored by the \w+ engine, \d+ alerts in \d+ episodes, told in \d+ events\ntraffic time/,
    );
    const quiet = await edgeguard(['detect', detector, capture, '--quiet', '--engine', 'reference']);
    expect(quiet).toMatchObject({ code: 0, stderr: '' });
  });
});

const noWire = whyNoWire();

describe.skipIf(noWire)(`live${noWire}`, () => {
  let wire: VirtualWire;
  beforeAll(() => {
    wire = new VirtualWire();
  });
  afterAll(() => wire.remove());

  it('refuses an interface that is not there in one line', async () => {
    expect(complaint(await edgeguard(['detect', detector, '-i', 'nowhere0']))).toMatch(
      /nowhere0: there is no such interface/,
    );
  });

  it('alerts while packets come, and ends with Ctrl-C, a summary and exit code 0', async () => {
    const keeper = new FrameKeeper();
    await readCapture(capture, keeper);
    const [program, ...args] = wire.inside(process.execPath, BIN, 'detect', detector, '--each', '-i', RECEIVER);
    const child = spawn(program!, args);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const ended = new Promise((resolve) => child.on('close', resolve));
    await until(() => stderr.includes('listening'));
    // tcpdump opens the interface a moment after it was started, and does not say when.
    const ready = () => stdout.split('\n').length > 20;
    for (let tries = 0; tries < 10 && !ready(); tries++) {
      await setTimeout(1500);
      await wire.send(keeper.frames.map(({ bytes }) => bytes));
    }
    await until(ready);
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.every(({ in_iface }) => in_iface === RECEIVER)).toBe(true);
    expect(stderr).toMatch(/[\d,]+ packets in [\d,]+ flows.*\n.*wall time .*packets? dropped/);
    expect(stderr).not.toMatch(/interrupted/);
  });
});

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 300 && !holds(); tries++) await setTimeout(100);
  expect(holds()).toBe(true);
}
