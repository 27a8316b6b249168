import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { stagesRun, WorkspaceCopy } from './support/workspace-copy.ts';

const ALL = ['collect', 'preprocess', 'train', 'convert', 'evaluate'];

/** A pipeline that takes seconds: the cache is what is tested, not the model. */
function smallConfig(source: object, seed: number): string {
  return JSON.stringify({
    seed,
    collect: { source },
    preprocess: { split: { by: 'time', gapSeconds: 0 }, transform: {} },
    train: { network: { hidden: [8, 4, 8] }, epochs: 2, batchSize: 256 },
    convert: { precisions: ['float32', 'int8'], threshold: { falseAlarmRate: 0.05, confidence: 0.9 } },
    evaluate: { curvePoints: 50 },
  });
}

const SYNTHETIC = { kind: 'synthetic', durationSeconds: 2400, hosts: 12, activity: 4 };
const OUTSIDE = { kind: 'captures', root: 'data', paths: ['outside/*.pcap'], assume: 'normal', merge: true };

const ids = (pipeline: string, targets: readonly string[]): string[] =>
  targets.map((target) => `${pipeline}:${target}`).sort();

/** SHA-256 of both detectors of the pipeline `made`. */
function detectorDigests(workspace: WorkspaceCopy): string[] {
  return ['float32', 'int8'].map((precision) =>
    createHash('sha256')
      .update(readFileSync(workspace.path(`data/artifacts/made/convert/detector.${precision}.tflite`)))
      .digest('hex'),
  );
}

// Stages are built and run by Nx: on a busy machine that takes minutes.
vi.setConfig({ testTimeout: 300_000 });

describe('the task cache', () => {
  let workspace: WorkspaceCopy;
  let environment: Record<string, string>;

  const run = (): string[] => stagesRun(workspace.run(ALL, environment));

  beforeAll(() => {
    workspace = new WorkspaceCopy('cache');
    environment = { EDGEGUARD_DATA: `${workspace.root}-data` };
  });

  afterAll(() => {
    rmSync(environment['EDGEGUARD_DATA']!, { recursive: true, force: true });
    workspace.remove();
  });

  it('runs every stage of a new pipeline, and of that one only', () => {
    workspace.write('data/pipelines/made/edgeguard.config.json', smallConfig(SYNTHETIC, 1));
    expect(run()).toEqual(ids('made', ALL));
    // The second pipeline reads, from a folder outside the workspace, the capture that the first one made.
    mkdirSync(`${environment['EDGEGUARD_DATA']}/outside`, { recursive: true });
    copyFileSync(
      workspace.path('data/artifacts/made/collect/capture.pcap'),
      `${environment['EDGEGUARD_DATA']}/outside/a.pcap`,
    );
    workspace.write('data/pipelines/outside/edgeguard.config.json', smallConfig(OUTSIDE, 2));
    expect(run()).toEqual(ids('outside', ALL));
  });

  it('gives detectors of the same bytes in another clone of the same commit', () => {
    const other = new WorkspaceCopy('other');
    try {
      other.write('data/pipelines/made/edgeguard.config.json', smallConfig(SYNTHETIC, 1));
      expect(stagesRun(other.run(['convert']))).toEqual(ids('made', ['collect', 'convert', 'preprocess', 'train']));
      const digests = [workspace, other].map(detectorDigests);
      expect(digests[0]).toEqual(digests[1]);
      expect(new Set(digests[0]).size).toBe(2);
    } finally {
      other.remove();
    }
  });

  it('runs nothing the second time', () => {
    expect(run()).toEqual([]);
  });

  it('runs nothing when a README or a test changes', () => {
    workspace.write('packages/conversion/README.md', '# changed\n');
    workspace.write('packages/conversion/test/added.test.ts', '// a test\n');
    workspace.write('data/pipelines/made/README.md', '# changed\n');
    expect(run()).toEqual([]);
  });

  it('restores deleted artifacts instead of rebuilding them', () => {
    rmSync(workspace.path('data/artifacts'), { recursive: true });
    expect(run()).toEqual([]);
    for (const target of ALL)
      expect(existsSync(workspace.path(`data/artifacts/made/${target}/digest.json`))).toBe(true);
  });

  it('runs convert and nothing later when only a comment changes in conversion', () => {
    workspace.edit('packages/conversion/src/stage.ts', /^/, '// A comment that changes no output.\n');
    expect(run()).toEqual([...ids('made', ['convert']), ...ids('outside', ['convert'])]);
  });

  it('runs convert and later when the code of conversion changes', () => {
    const before = workspace.read('data/artifacts/made/convert/digest.json');
    // A change that shows in the detector: what it records as its own maker.
    workspace.edit('packages/conversion/package.json', '"version": "0.1.0"', '"version": "0.1.1"');
    expect(run()).toEqual([...ids('made', ['convert', 'evaluate']), ...ids('outside', ['convert', 'evaluate'])]);
    expect(workspace.read('data/artifacts/made/convert/digest.json')).not.toBe(before);
  });

  it('runs train and later of one pipeline when its training parameters change', () => {
    workspace.edit('data/pipelines/made/edgeguard.config.json', '"epochs":2', '"epochs":3');
    expect(run()).toEqual(ids('made', ['convert', 'evaluate', 'train']));
  });

  it('runs everything when contracts change', () => {
    workspace.edit('packages/contracts/src/index.ts', /^/, '// A comment in what every stage imports.\n');
    // The outputs of collect are equal, so the digests are too; every stage runs all the same, for each one imports contracts.
    expect(run()).toEqual([...ids('made', ALL), ...ids('outside', ALL)]);
  });

  it('runs the pipeline whose source outside the workspace changed', () => {
    const capture = `${environment['EDGEGUARD_DATA']}/outside/a.pcap`;
    // Cut in the last packets: read up to the cut, and another content.
    truncateSync(capture, statSync(capture).size - 1000);
    expect(run()).toEqual(ids('outside', ALL));
  });
});
