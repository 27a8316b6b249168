import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '@edgeguard/contracts';
import { dataFolder, type StageLocation } from '@edgeguard/contracts/stage';
import { synthesizeCapture } from '@edgeguard/sources';
import { describe, expect, it } from 'vitest';
import { writeLabelRules } from '../src/labels/label-rules-file.ts';
import { newPipeline, readFlows, runCollection, SMALL_TABLES, tally } from './support/pipeline.ts';

const workspaceRoot = join(import.meta.dirname, '..', '..', '..');
const realCaptures = join(dataFolder(workspaceRoot), 'captures', 'nfstream');

/** Two captures of five minutes, the second right behind the first, with one attack in it; and the ground truth. */
async function withCaptures(source: object): Promise<StageLocation> {
  const location = await newPipeline({ source: { kind: 'captures', ...source }, metering: SMALL_TABLES });
  const folder = join(location.pipelineFolder, 'captures');
  await mkdir(folder);
  const quiet = { startTime: 1_767_607_200, durationSeconds: 300, hosts: 8, attacks: 'none' } as const;
  await synthesizeCapture({ ...quiet, seed: 1 }, join(folder, 'a.pcap'));
  const attacks = [{ kind: 'port-scan', start: 60, duration: 30 }];
  const later = { ...quiet, startTime: quiet.startTime + 300, attacks, seed: 2 };
  const { rules } = await synthesizeCapture(later, join(folder, 'b.pcap'));
  await writeLabelRules(join(folder, 'labels.arrow'), rules);
  return location;
}

describe('collecting captures', () => {
  it('meters each by itself, named by its path from the pipeline folder', async () => {
    const location = await withCaptures({ paths: ['captures/*.pcap'] });
    const manifest = await runCollection(location);
    const flows = await readFlows(location);
    expect(Object.keys(tally(flows.strings('capture')))).toEqual(['captures/a.pcap', 'captures/b.pcap']);
    expect(tally(flows.strings('label'))).toEqual({ unknown: flows.rows });
    // Each capture has a meter of its own, which counts its flows from 1.
    const captures = flows.strings('capture');
    const ids = flows.bigints('flow_id');
    for (const capture of ['captures/a.pcap', 'captures/b.pcap']) {
      expect(ids.filter((_, row) => captures[row] === capture)).toContain(1n);
    }
    expect(manifest.inputs).toEqual({
      'captures/a.pcap': sha256(await readFile(join(location.pipelineFolder, 'captures/a.pcap'))),
      'captures/b.pcap': sha256(await readFile(join(location.pipelineFolder, 'captures/b.pcap'))),
    });
  });

  it('meters them as one stream in the order given', async () => {
    const apart = await withCaptures({ paths: ['captures/a.pcap', 'captures/b.pcap'] });
    await runCollection(apart);
    const merged = await withCaptures({ paths: ['captures/a.pcap', 'captures/b.pcap'], merge: true });
    await runCollection(merged);
    const flows = await readFlows(merged);
    const times = flows.bigints('time');
    expect(times.every((time, row) => row === 0 || time >= times[row - 1]!)).toBe(true);
    const ids = new Set(flows.bigints('flow_id'));
    expect(ids.size).toBe(flows.strings('record_age').filter((age) => age === 'final').length);
    expect(Object.keys(tally(flows.strings('capture')))).toEqual(['captures/a.pcap', 'captures/b.pcap']);
    // Flows that were going on at the end of the first file end in the second one.
    const inFirst = tally(flows.strings('capture'))['captures/a.pcap']!;
    expect(inFirst).toBeLessThan(tally((await readFlows(apart)).strings('capture'))['captures/a.pcap']!);
  });

  it('labels flows by a file of rules', async () => {
    const location = await withCaptures({ paths: ['captures/*.pcap'], labels: 'captures/labels.arrow' });
    await runCollection(location);
    const flows = await readFlows(location);
    const labels = tally(flows.strings('label'));
    expect(labels['attack']).toBeGreaterThan(100);
    expect(labels['normal']).toBe(flows.rows - labels['attack']!);
    const captures = flows.strings('capture');
    const attacked = flows.strings('label').flatMap((label, row) => (label === 'attack' ? [captures[row]!] : []));
    expect(new Set(attacked)).toEqual(new Set(['captures/b.pcap']));
  });

  it('takes the whole source as normal when the config says so', async () => {
    const location = await withCaptures({ paths: ['captures/a.pcap'], assume: 'normal' });
    await runCollection(location);
    const flows = await readFlows(location);
    expect(tally(flows.strings('label'))).toEqual({ normal: flows.rows });
  });

  it('reads a capture that is cut off up to the cut, and says so', async () => {
    const location = await withCaptures({ paths: ['captures/*.pcap'] });
    await truncate(join(location.pipelineFolder, 'captures/a.pcap'), 20_000);
    const { notes } = await runCollection(location);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(/^captures\/a\.pcap: byte 19\d{3}: .*; the \d+ packets before it were read$/);
    expect((await readFlows(location)).rows).toBeGreaterThan(0);
  });

  it.each([
    [{ paths: ['captures/*.cap'] }, 'no file matches this pattern'],
    [{ paths: ['captures/c.pcap'] }, 'captures/c.pcap'],
    [{ paths: ['captures'] }, 'captures'],
    [{ paths: ['captures/text.pcap'] }, 'captures/text.pcap'],
    [{ paths: ['captures/a.pcap'], labels: 'captures/text.pcap' }, 'captures/text.pcap: it is not an Arrow file'],
    [
      { paths: ['data.pcap'], root: 'data' },
      'the pipeline sample reads data that are expected in this folder, and it is not there; put them there, or set EDGEGUARD_DATA',
    ],
  ])('refuses %j in one line and leaves nothing', async (source, message) => {
    const location = await withCaptures(source);
    await writeFile(join(location.pipelineFolder, 'captures/text.pcap'), 'not a capture, only text '.repeat(10));
    const named = process.env['EDGEGUARD_DATA'];
    delete process.env['EDGEGUARD_DATA'];
    try {
      await expect(runCollection(location)).rejects.toThrow(expect.objectContaining({ name: 'UserError' }));
      await expect(runCollection(location)).rejects.toThrow(message);
    } finally {
      if (named !== undefined) process.env['EDGEGUARD_DATA'] = named;
    }
    expect(existsSync(join(location.artifacts, 'collect'))).toBe(false);
    expect(existsSync(join(location.artifacts, 'collect.partial'))).toBe(false);
  });

  it('finds the data folder by EDGEGUARD_DATA or beside the workspace', async () => {
    const location = await newPipeline({
      source: { kind: 'captures', root: 'data', paths: ['captures/*.pcap'] },
      metering: SMALL_TABLES,
    });
    const beside = join(location.root, 'shared', 'data', 'captures');
    await mkdir(beside, { recursive: true });
    const options = { startTime: 1_767_607_200, durationSeconds: 120, hosts: 8, attacks: 'none', seed: 1 } as const;
    await synthesizeCapture(options, join(beside, 'x.pcap'));
    const named = process.env['EDGEGUARD_DATA'];
    delete process.env['EDGEGUARD_DATA'];
    try {
      const first = await runCollection(location);
      expect(Object.keys(first.inputs)).toEqual(['captures/x.pcap']);
      const elsewhere = join(location.root, 'elsewhere');
      await mkdir(join(elsewhere, 'captures'), { recursive: true });
      await copyFile(join(beside, 'x.pcap'), join(elsewhere, 'captures', 'x.pcap'));
      process.env['EDGEGUARD_DATA'] = elsewhere;
      expect(await runCollection(location)).toEqual(first);
    } finally {
      if (named === undefined) delete process.env['EDGEGUARD_DATA'];
      else process.env['EDGEGUARD_DATA'] = named;
    }
  });
});

describe.skipIf(!existsSync(realCaptures))('collecting real captures (skipped without captures/nfstream)', () => {
  it('meters them and counts what is no flow', async () => {
    const paths = ['http_ipv6.pcap', 'quic-33.pcapng', 'capwap.pcap'].map((name) => join(realCaptures, name));
    const location = await newPipeline({
      source: { kind: 'captures', paths, assume: 'normal' },
      metering: SMALL_TABLES,
    });
    const manifest = await runCollection(location);
    const flows = await readFlows(location);
    // Files outside the root go by their name alone: no path of this machine in an artifact.
    expect(Object.keys(tally(flows.strings('capture')))).toEqual(['http_ipv6.pcap', 'quic-33.pcapng', 'capwap.pcap']);
    expect(Object.keys(manifest.dropped).length).toBeGreaterThan(0);
    expect(Object.keys(manifest.dropped).every((reason) => reason.startsWith('packets: '))).toBe(true);
  });
});
