import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ManifestDocument, ManifestSchema, readJson } from '@edgeguard/contracts';
import { type DatasetBatch, DatasetReader } from '@edgeguard/contracts/arrow';
import { createLogger, runStage, type StageLocation } from '@edgeguard/contracts/stage';
import { afterEach } from 'vitest';
import { collectionStage } from '../../src/index.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** Enough for the tests' traffic; the tables are allocated at once, and large ones take longer than the traffic. */
export const SMALL_TABLES = { maxFlows: 4096, maxHosts: 1024 };

/** A pipeline in a workspace of its own. */
export async function newPipeline(collect: unknown, seed = 3): Promise<StageLocation & { readonly root: string }> {
  const root = await mkdtemp(join(tmpdir(), 'edgeguard-collection-'));
  folders.push(root);
  const pipelineFolder = join(root, 'edgeguard', 'data', 'pipelines', 'sample');
  await mkdir(pipelineFolder, { recursive: true });
  await writeFile(join(root, 'edgeguard', 'nx.json'), '{}');
  await writeFile(join(pipelineFolder, 'edgeguard.config.json'), JSON.stringify({ seed, collect }));
  return { root, pipelineFolder, artifacts: join(root, 'edgeguard', 'data', 'artifacts', 'sample') };
}

export async function runCollection(
  location: StageLocation,
  signal: AbortSignal = new AbortController().signal,
): Promise<ManifestDocument> {
  await runStage(collectionStage, location, signal, createLogger('test', 'silent'));
  return readJson(join(location.artifacts, 'collect', 'manifest.json'), ManifestSchema);
}

export interface Flows {
  readonly reader: DatasetReader;
  readonly rows: number;
  strings(column: string): string[];
  bigints(column: string): bigint[];
  numbers(column: string): number[];
}

/** All rows of `flows.arrow`. */
export async function readFlows(location: StageLocation): Promise<Flows> {
  const reader = await DatasetReader.open(join(location.artifacts, 'collect', 'flows.arrow'));
  const batches: DatasetBatch[] = [];
  for await (const batch of reader.batches()) batches.push(batch);
  await reader.close();
  return {
    reader,
    rows: batches.reduce((sum, { length }) => sum + length, 0),
    strings: (column) => batches.flatMap((batch) => batch.strings(column)),
    numbers: (column) => batches.flatMap((batch) => [...batch.numbers(column)]),
    bigints: (column) => batches.flatMap((batch) => [...batch.bigints(column)]),
  };
}

/** How often each value occurs. */
export function tally(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
