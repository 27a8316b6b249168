import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { DatasetReader } from '@edgeguard/contracts/arrow';
import { synthesizeCapture } from '@edgeguard/sources';
import { edgeguard, scratch } from './edgeguard.ts';

const folder = scratch();
const one = join(folder, 'one.pcap');
const two = join(folder, 'two.pcap');

beforeAll(async () => {
  await synthesizeCapture({ seed: 1, durationSeconds: 60, attacks: 'none' }, one);
  await synthesizeCapture({ seed: 2, durationSeconds: 40, attacks: 'none', startTime: 1_705_305_640 }, two);
});

async function output(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await edgeguard(args);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

const jsonLines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('meter', () => {
  it('writes the same flows in every format', async () => {
    const rows = jsonLines(await output('meter', one, '--format', 'jsonl'));
    const csv = (await output('meter', one)).trimEnd().split('\n');
    const file = join(folder, 'flows.arrow');
    await output('meter', one, '--output', file);
    const reader = await DatasetReader.open(file);
    const batch = await reader.batch(0);
    expect(rows.length).toBeGreaterThan(50);
    expect(csv[0]!.split(',')).toEqual(Object.keys(rows[0]));
    expect(csv.length - 1).toBe(rows.length);
    expect(batch.strings('src_ip')).toEqual(rows.map(({ src_ip }) => src_ip));
    expect(Array.from(batch.floats('duration'))).toEqual(rows.map(({ duration }) => Math.fround(duration)));
    expect(csv[7]!.split(',')[2]).toBe(rows[6].src_ip);
    await reader.close();
  });

  it('sums up each capture, and flows are those that it writes', async () => {
    const summaries = jsonLines(await output('meter', '--summary', one, two));
    expect(summaries.map(({ file }) => file)).toEqual([one, two]);
    for (const summary of summaries) {
      const rows = jsonLines(await output('meter', summary.file, '--format', 'jsonl'));
      expect(summary.flows).toBe(rows.length);
      expect(summary.packets).toBe(rows.reduce((sum, { packets }) => sum + packets, 0));
      expect(summary.bytes).toBe(rows.reduce((sum, { frame_bytes }) => sum + frame_bytes, 0));
      expect(rows.every(({ record_age, capture }) => record_age === 'final' && capture === summary.file)).toBe(true);
    }
  });

  it('merges captures into one stream where asked', async () => {
    const [first, second] = jsonLines(await output('meter', '--summary', one, two));
    const [merged, ...rest] = jsonLines(await output('meter', '--summary', '--merge', one, two));
    expect(rest).toEqual([]);
    expect(merged.files).toEqual([one, two]);
    expect(merged.packets).toBe(first.packets + second.packets);
  });

  it('ends flows as it is told to', async () => {
    const flows = async (...options: string[]): Promise<number> =>
      JSON.parse(await output('meter', '--summary', one, ...options)).flows;
    const usual = await flows();
    expect(await flows('--idle-timeout', '0.5')).toBeGreaterThan(usual);
    expect(await flows('--active-timeout', '5')).toBeGreaterThan(usual);
    const ends = async (...options: string[]) =>
      jsonLines(await output('meter', one, '-f', 'jsonl', ...options)).map(({ end_reason }) => end_reason);
    expect(await ends('--tcp-close')).toContain('closed');
    expect(await ends()).not.toContain('closed');
  });

  it('gives the same flows from standard input', async () => {
    const fromFile = jsonLines(await output('meter', one, '-f', 'jsonl'));
    const { stdout } = await edgeguard(['meter', '-', '-f', 'jsonl'], { stdin: readFileSync(one) });
    expect(jsonLines(stdout)).toEqual(fromFile.map((row) => ({ ...row, capture: '-' })));
  });
});

describe('synth', () => {
  it('lists its attacks', async () => {
    const text = await output('synth', '--list');
    for (const name of ['port-scan', 'syn-flood', 'password-guessing', 'exfiltration']) expect(text).toContain(name);
  });

  it('gives the same bytes for the same seed, other bytes for another, and labels', async () => {
    const make = async (name: string, seed: string): Promise<Buffer> => {
      const path = join(folder, name);
      await output('synth', '-o', path, '--seed', seed, '--duration', '30', '--labels', `${path}.labels.arrow`);
      return readFileSync(path);
    };
    const [a, again, b] = [await make('a', '5'), await make('again', '5'), await make('b', '6')];
    expect(a.equals(again)).toBe(true);
    expect(a.equals(b)).toBe(false);
    const reader = await DatasetReader.open(join(folder, 'a.labels.arrow'));
    expect(new Set((await reader.batch(0)).strings('attack'))).toContain('port-scan');
    await reader.close();
  });

  it('refuses an attack that it does not know, and one that it cannot read', async () => {
    const path = join(folder, 'x.pcap');
    const unknown = await edgeguard(['synth', '-o', path, '--attack', 'dragons@3']);
    expect(unknown).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/no attack 'dragons'; choose one of port-scan/),
    });
    const unreadable = await edgeguard(['synth', '-o', path, '--attack', 'port-scan']);
    expect(unreadable).toMatchObject({ code: 2, stderr: expect.stringMatching(/expected kind@start/) });
  });
});
