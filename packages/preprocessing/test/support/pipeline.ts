import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DatasetSchema, type ManifestDocument, ManifestSchema, readJson } from '@edgeguard/contracts';
import { type ColumnBatch, DatasetReader, DatasetWriter } from '@edgeguard/contracts/arrow';
import { createLogger, runStage, type StageLocation } from '@edgeguard/contracts/stage';
import { afterEach } from 'vitest';
import { preprocessingStage } from '../../src/index.ts';

/** A row of the datasets that the tests split. */
export interface Row {
  /** Seconds. */
  readonly time?: number;
  readonly host?: string;
  readonly file?: string;
  readonly bytes: number;
  readonly service?: string;
  readonly label: string;
}

const TIME = { name: 'time', role: 'time', type: 'timestamp' } as const;
const COLUMNS: DatasetSchema['columns'] = [
  { name: 'host', role: 'identity', type: 'utf8' },
  { name: 'bytes', role: 'feature', type: 'float32', kind: 'bytes', unit: 'By' },
  { name: 'service', role: 'feature', type: 'utf8', kind: 'category', unit: '1' },
  { name: 'capture', role: 'split', type: 'utf8' },
  { name: 'label', role: 'label', type: 'utf8' },
];

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

export interface Preprocessed {
  readonly manifest: ManifestDocument;
  readonly location: StageLocation;
  /** Rows of each split, in file order. */
  readonly splits: Readonly<Record<'train' | 'validation' | 'calibration' | 'test', Row[]>>;
}

/** Writes rows as `flows.arrow`. Rows with a time have a time column. */
export async function collected(rows: readonly Row[], preprocess: unknown, seed = 1): Promise<StageLocation> {
  const root = await mkdtemp(join(tmpdir(), 'edgeguard-preprocessing-'));
  folders.push(root);
  const pipelineFolder = join(root, 'data', 'pipelines', 'sample');
  const artifacts = join(root, 'data', 'artifacts', 'sample');
  await mkdir(pipelineFolder, { recursive: true });
  await mkdir(join(artifacts, 'collect'), { recursive: true });
  await writeFile(join(root, 'nx.json'), '{}');
  const config = { seed, collect: { source: { kind: 'synthetic', durationSeconds: 1 } }, preprocess };
  await writeFile(join(pipelineFolder, 'edgeguard.config.json'), JSON.stringify(config));
  const timed = rows[0]?.time !== undefined;
  const columns = timed ? [TIME, ...COLUMNS] : COLUMNS;
  const metadata = { 'edgeguard.metering': '{"idleTimeoutSeconds":120}' };
  const writer = new DatasetWriter(
    join(artifacts, 'collect', 'flows.arrow'),
    { name: 'sample', version: 2, columns },
    metadata,
  );
  await writer.write(toBatch(rows));
  await writer.close();
  return { pipelineFolder, artifacts };
}

/** Runs the stage on rows. */
export async function preprocessed(rows: readonly Row[], preprocess: unknown, seed = 1): Promise<Preprocessed> {
  const location = await collected(rows, preprocess, seed);
  await runPreprocessing(location);
  const folder = join(location.artifacts, 'preprocess');
  const [train, validation, calibration, test] = await Promise.all(
    ['train', 'validation', 'calibration', 'test'].map((split) => readRows(join(folder, `${split}.arrow`))),
  );
  return {
    location,
    manifest: await readJson(join(folder, 'manifest.json'), ManifestSchema),
    splits: { train: train!, validation: validation!, calibration: calibration!, test: test! },
  };
}

export async function runPreprocessing(location: StageLocation): Promise<void> {
  await runStage(preprocessingStage, location, new AbortController().signal, createLogger('test', 'silent'));
}

function toBatch(rows: readonly Row[]): ColumnBatch {
  return {
    length: rows.length,
    columns: {
      time: BigInt64Array.from(rows, ({ time }) => BigInt(Math.round((time ?? 0) * 1e9))),
      host: rows.map(({ host }) => host ?? ''),
      bytes: Float32Array.from(rows, ({ bytes }) => bytes),
      service: rows.map(({ service }) => service ?? 'dns'),
      capture: rows.map(({ file }) => file ?? ''),
      label: rows.map(({ label }) => label),
    },
  };
}

async function readRows(path: string): Promise<Row[]> {
  const reader = await DatasetReader.open(path);
  const timed = reader.schema.columns[0]?.role === 'time';
  const rows: Row[] = [];
  for await (const batch of reader.batches()) {
    const [hosts, services, files, labels] = ['host', 'service', 'capture', 'label'].map((c) => batch.strings(c));
    const bytes = batch.floats('bytes');
    const times = timed ? batch.bigints('time') : undefined;
    for (let i = 0; i < batch.length; i++) {
      rows.push({
        ...(times ? { time: Number(times[i]) / 1e9 } : {}),
        host: hosts![i]!,
        bytes: bytes[i]!,
        service: services![i]!,
        file: files![i]!,
        label: labels![i]!,
      });
    }
  }
  await reader.close();
  return rows;
}
