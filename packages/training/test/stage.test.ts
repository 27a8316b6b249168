import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CONFIG_FILE,
  type DatasetSchema,
  DigestSchema,
  formatJson,
  ManifestSchema,
  readJson,
  ScorerSchema,
  sha256OfFile,
} from '@edgeguard/contracts';
import { DatasetReader, DatasetWriter } from '@edgeguard/contracts/arrow';
import { createLogger, runStage } from '@edgeguard/contracts/stage';
import { fitTransform, SeededRandom, TransformEvaluator } from '@edgeguard/transform';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLayersModel, trainingStage } from '../src/index.ts';

const SCHEMA: DatasetSchema = {
  name: 'stage-rows',
  version: 1,
  columns: [
    { name: 'proto', role: 'feature', type: 'utf8', kind: 'category', unit: '1' },
    { name: 'bytes', role: 'feature', type: 'float32', kind: 'bytes', unit: 'By' },
    { name: 'packets', role: 'feature', type: 'float32', kind: 'count', unit: '{packet}' },
    { name: 'duration', role: 'feature', type: 'float32', kind: 'seconds', unit: 's' },
    { name: 'half', role: 'feature', type: 'float32', kind: 'ratio', unit: '1' },
    { name: 'share', role: 'feature', type: 'float32', kind: 'ratio', unit: '1' },
    { name: 'constant', role: 'feature', type: 'float32', kind: 'ratio', unit: '1' },
    { name: 'label', role: 'label', type: 'utf8' },
    { name: 'host', role: 'identity', type: 'utf8' },
  ],
};

let workspace: string;
let artifacts: string;
let pipelineFolder: string;

async function writeRows(path: string, rows: number, seed: number, label = 'normal'): Promise<void> {
  const random = new SeededRandom(seed);
  const packets = Float32Array.from({ length: rows }, () => 1 + random.below(40));
  const writer = new DatasetWriter(path, SCHEMA);
  await writer.write({
    length: rows,
    columns: {
      proto: Array.from({ length: rows }, () => ['tcp', 'udp', 'icmp'][random.below(3)]!),
      packets,
      bytes: packets.map((count) => count * (60 + random.below(900))),
      duration: packets.map((count, row) => (row === 7 ? Number.NaN : count * random.uniform())),
      share: packets.map((count) => count / 40),
      half: packets.map((count) => count / 80),
      constant: new Float32Array(rows).fill(3),
      host: Array.from({ length: rows }, (_, row) => `host-${row}`),
      label: Array.from({ length: rows }, (_, row) => (row === rows - 1 ? label : 'normal')),
    },
  });
  await writer.close();
}

async function preprocess(trainRows = 2500, validationSeed = 2, label = 'normal'): Promise<void> {
  const folder = join(artifacts, 'preprocess');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeRows(join(folder, 'train.arrow'), trainRows, 1, label);
  await writeRows(join(folder, 'validation.arrow'), 600, validationSeed);
  const reader = await DatasetReader.open(join(folder, 'train.arrow'));
  const document = await fitTransform({
    schema: SCHEMA,
    rows: reader.batches(),
    config: { clipSigma: 5, deviationFloor: 0.05 },
    splits: { train: await sha256OfFile(join(folder, 'train.arrow')) },
  });
  await reader.close();
  await writeFile(join(folder, 'transform.json'), formatJson(document));
}

async function configure(train: Record<string, unknown>): Promise<void> {
  const config = {
    collect: { source: { kind: 'synthetic', durationSeconds: 60 } },
    train: { network: { hidden: [12, 4, 12] }, epochs: 6, ...train },
  };
  await writeFile(join(pipelineFolder, CONFIG_FILE), JSON.stringify(config));
}

async function run(signal = new AbortController().signal, log = createLogger('train', 'silent')): Promise<void> {
  await runStage(trainingStage, { pipelineFolder, artifacts }, signal, log);
}

beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'edgeguard-'));
  await writeFile(join(workspace, 'nx.json'), '{}');
  pipelineFolder = join(workspace, 'data', 'pipelines', 'rows');
  artifacts = join(workspace, 'data', 'artifacts', 'rows');
  await mkdir(pipelineFolder, { recursive: true });
});
afterAll(async () => rm(workspace, { recursive: true }));

describe('trainingStage', () => {
  it('writes model, scorer and history, the same bytes each time', async () => {
    await preprocess();
    await configure({});
    await run();
    const folder = join(artifacts, 'train');
    expect((await readdir(folder)).sort()).toEqual([
      'digest.json',
      'group1-shard1of1.bin',
      'history.arrow',
      'manifest.json',
      'model.json',
      'scorer.json',
    ]);
    const first = await readJson(join(folder, 'digest.json'), DigestSchema);
    await cp(folder, join(workspace, 'first'), { recursive: true });
    await run();
    expect(await readJson(join(folder, 'digest.json'), DigestSchema)).toEqual(first);

    const manifest = await readJson(join(folder, 'manifest.json'), ManifestSchema);
    expect(manifest.rows).toEqual({ train: 2499, validation: 599, epochs: 6 });
    expect(manifest.dropped).toEqual({ 'train: not finite': 1, 'validation: not finite': 1 });
    expect(manifest.notes.join()).toContain('constant in train rows, so any other value is evidence: constant');
    expect(manifest.notes.join()).toContain('say the same in train rows, so leave all but one out: half, share');

    const history = await DatasetReader.open(join(folder, 'history.arrow'));
    const batch = await history.batch(0);
    await history.close();
    expect([...batch.numbers('epoch')]).toEqual([1, 2, 3, 4, 5, 6]);
    const losses = batch.numbers('validation_loss');
    expect(losses[5]).toBeLessThan(losses[0]!);
  });

  it('saves a model that TensorFlow.js loads, and a scorer fitted on what that model reconstructs', async () => {
    const folder = join(workspace, 'first');
    const model = await openLayersModel(folder);
    expect(model.layers.map(({ name }) => name)).toEqual(['hidden_1', 'hidden_2', 'hidden_3', 'reconstruction']);
    const scorer = await readJson(join(folder, 'scorer.json'), ScorerSchema);
    const transformPath = join(artifacts, 'preprocess', 'transform.json');
    const { TransformSchema } = await import('@edgeguard/contracts');
    const transform = await readJson(transformPath, TransformSchema);
    const { RowEncoder, keepFiniteRows } = await import('@edgeguard/transform');
    const reader = await DatasetReader.open(join(artifacts, 'preprocess', 'validation.arrow'));
    const encoder = new RowEncoder(reader.schema, transform, reader.path);
    const raw = new Float32Array(600 * encoder.width);
    encoder.encode(await reader.batch(0), raw);
    await reader.close();
    const rows = keepFiniteRows(raw, 600, encoder.width);
    const evaluator = new TransformEvaluator(transform);
    const width = evaluator.outputWidth;
    const inputs = new Float32Array(rows * width);
    evaluator.apply(raw, rows, inputs, new Float32Array(raw.length));
    const outputs = (model.predict(tf.tensor2d(inputs, [rows, width])) as tf.Tensor).dataSync();
    for (let i = 0; i < width; i++) {
      let mean = 0;
      for (let row = 0; row < rows; row++) mean += (inputs[row * width + i]! - outputs[row * width + i]!) / rows;
      expect(mean).toBeCloseTo(scorer.mean[i]!, 5);
    }
    expect(scorer.rows).toBe(599);
    expect(Object.keys(scorer.splits)).toEqual(['train', 'validation']);
  });

  it('adds a distance to normal where a config asks for one, the same bits each time, and nothing else', async () => {
    await preprocess();
    await configure({ scorer: { kind: 'huber-residual', distance: { centres: 4 } } });
    await run();
    const path = join(artifacts, 'train', 'digest.json');
    const first = await readJson(path, DigestSchema);
    const { distance, ...scorer } = await readJson(join(artifacts, 'train', 'scorer.json'), ScorerSchema);
    const without = await readJson(join(workspace, 'first', 'scorer.json'), ScorerSchema);
    expect(without).not.toHaveProperty('distance');
    expect({ ...scorer, evidenceWeight: without.evidenceWeight }).toEqual(without);
    expect(distance?.residualWeight).toBe(Math.fround(0.8));
    expect(distance?.centres).toHaveLength(4 * scorer.mean.length);
    await run();
    expect(await readJson(path, DigestSchema)).toEqual(first);
    await configure({ scorer: { kind: 'huber-residual', distance: { share: 0 } } });
    await expect(run()).rejects.toThrow(/train\.scorer\.distance\.share/);
    await configure({});
    await run();
    const plain = await readJson(join(workspace, 'first', 'digest.json'), DigestSchema);
    expect(await readJson(path, DigestSchema)).toEqual(plain);
    expect({ ...first.files, 'scorer.json': '' }).toEqual({ ...plain.files, 'scorer.json': '' });
  });

  it('refuses splits that it must not use', async () => {
    await preprocess(600, 1); // validation equals train
    await expect(run()).rejects.toThrow(/validation\.arrow: these very rows were used as the train split/);
    await preprocess();
    await writeRows(join(artifacts, 'preprocess', 'train.arrow'), 900, 5);
    await expect(run()).rejects.toThrow(/not the train split that the model has used/);
    await preprocess(2500, 2, 'attack');
    await expect(run()).rejects.toThrow(/train\.arrow: it holds a row labelled attack/);
    await preprocess(20);
    await expect(run()).rejects.toThrow(/19 rows are too few to train on \(1 more hold NaN/);
  });

  it('leaves the last good output when it is interrupted', async () => {
    await preprocess();
    const before = await readFile(join(artifacts, 'train', 'digest.json'), 'utf8');
    await configure({ epochs: 100_000, patience: 10_000 });
    const controller = new AbortController();
    const info = (line: string): void => {
      if (line.startsWith('epoch 1 of')) controller.abort(new Error('interrupted'));
    };
    const log = { ...createLogger('train', 'silent'), info };
    await expect(run(controller.signal, log)).rejects.toThrow('interrupted');
    expect(await readFile(join(artifacts, 'train', 'digest.json'), 'utf8')).toBe(before);
    expect(await readdir(artifacts)).toEqual(['preprocess', 'train', 'train.checkpoint']);
    // The checkpoint belongs to other settings, so the next run starts anew, and a finished run needs none.
    await configure({});
    await run();
    expect(await readFile(join(artifacts, 'train', 'digest.json'), 'utf8')).toBe(before);
    expect(await readdir(artifacts)).toEqual(['preprocess', 'train']);
  });

  it('lists the rows that trimming left out', async () => {
    await preprocess();
    await configure({ trim: 0.02 });
    await run();
    const reader = await DatasetReader.open(join(artifacts, 'train', 'suspicious.arrow'));
    const batch = await reader.batch(0);
    await reader.close();
    expect(batch.length).toBe(Math.floor(2499 * 0.02) + Math.floor(599 * 0.02));
    const train = batch.strings('split').filter((split) => split === 'train').length;
    expect(train).toBe(Math.floor(2499 * 0.02));
    const rows = [...batch.numbers('row')];
    expect(rows).not.toContain(7); // the row with NaN
    const rowOf = await DatasetReader.open(join(artifacts, 'preprocess', 'train.arrow'));
    const hosts = (await rowOf.batch(0)).strings('host');
    await rowOf.close();
    expect(batch.strings('rows.host').slice(0, train)).toEqual(rows.slice(0, train).map((row) => hosts[row]!));
    expect(Math.min(...batch.numbers('error'))).toBeGreaterThan(0);
    await configure({});
  });

  it('trains an autoencoder per group of features, with batch normalisation, as an ordinary dense chain', async () => {
    await configure({ network: { hidden: [12, 6, 12], groups: { largest: 3 }, normalisation: 'batch' } });
    await run();
    const folder = join(artifacts, 'train');
    const { groups, ...rest } = JSON.parse(await readFile(join(folder, 'groups.json'), 'utf8'));
    expect(rest).toEqual({ format: 'edgeguard.feature-groups', version: 1, largest: 3 });
    expect(groups.map(({ features }: { features: string[] }) => features)).toEqual([
      ['proto'],
      ['bytes'],
      ['packets', 'half', 'share'],
      ['duration'],
      ['constant'],
    ]);
    for (const layer of [0, 1, 2]) {
      const units = groups.map((group: { units: number[] }) => group.units[layer]);
      expect(units.reduce((sum: number, count: number) => sum + count)).toBe([12, 6, 12][layer]);
    }
    expect((await readJson(join(folder, 'manifest.json'), ManifestSchema)).rows['groups']).toBe(5);
    const digest = await readFile(join(folder, 'digest.json'), 'utf8');
    expect(digest).toContain('groups.json');
    await run();
    expect(await readFile(join(folder, 'digest.json'), 'utf8')).toBe(digest);
    // The last input is the one-hot block of `proto`: it says nothing about the packets.
    const model = await openLayersModel(folder);
    expect(model.layers.map((layer) => layer.getClassName())).toEqual(Array(4).fill('Dense'));
    const width = model.inputs[0]!.shape[1]!;
    const changed = (value: number): Float32Array => {
      const row = new Float32Array(width);
      row[width - 1] = value;
      return (model.predict(tf.tensor2d(row, [1, width])) as tf.Tensor).dataSync() as Float32Array;
    };
    const [zero, one] = [changed(0), changed(1)];
    const moved = Array.from(one.keys()).filter((input) => one[input] !== zero[input]);
    expect(moved).toEqual([width - 3, width - 2, width - 1]);
    await configure({});
  });

  it('notes too few rows, and layers that hardly carry anything, with the remedy', async () => {
    const notesOf = async (rows: number, train: Record<string, unknown>): Promise<string> => {
      await preprocess(rows);
      await configure(train);
      await run();
      const { notes } = await readJson(join(artifacts, 'train', 'manifest.json'), ManifestSchema);
      return notes.join('\n');
    };
    const healthy = await notesOf(2500, {});
    expect(healthy).not.toMatch(/train rows for|hidden layer/);
    expect(await notesOf(60, {})).toMatch(/only 59 train rows for \d+ model inputs: give it \d+ or more/);
    const dead = await notesOf(2500, { learningRate: 0.5, schedule: 'constant' });
    expect(dead).toMatch(/hidden layer 2: 4 of 4 units give the same value .*: lower train\.learningRate/);
    await preprocess();
    await configure({});
  });
});
