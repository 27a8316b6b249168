import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PRECISIONS, type Precision, TransformSchema, readJson, UserError } from '@edgeguard/contracts';
import { DatasetReader } from '@edgeguard/contracts/arrow';
import { artifactsFolder, dataFolder, findWorkspaceRoot } from '@edgeguard/contracts/stage';
import type { EngineName } from '@edgeguard/tflite/engines';
import { type EngineData, type Model, pruneModel, pruneToOutputs, readModel } from '@edgeguard/tflite/model';
import { RowEncoder, SeededRandom } from '@edgeguard/transform';
import { printTable } from '../harness/table.ts';
import { denseSkeleton } from '../inference/dense-skeleton.ts';
import { BATCHES, engineCost, RUNS } from '../inference/engine-cost.ts';
import { garbageOf } from '../inference/garbage.ts';
import { litertPythonCost } from '../peers/litert-python.ts';
import { predictCost } from '../peers/tensorflow-predict.ts';

const PIPELINE = 'demo';
const ENGINES: readonly EngineName[] = ['native', 'wasm', 'reference'];
/** Runs at batch 1 after which the heap is looked at. */
const GARBAGE_RUNS = 1_000_000;
/** The batch at which TensorFlow.js is compared. */
const COMPARED_BATCH = 256;

/**
 * Graphs that are compared: the whole detector, what `detect` runs for every row, what no way of writing the whole one with
 * these layers could be cheaper than, and the autoencoder inside.
 */
const GRAPHS = ['all outputs', 'score only', 'dense layers and LOG alone', 'bare autoencoder'] as const;

/** MLPerf Tiny's anomaly detector: 640-128-128-128-128-8-128-128-128-128-640. */
const AD01 = ['ad01_fp32.tflite', 'ad01_int8.tflite'] as const;

/**
 * Microseconds of CPU per row of each engine, for the demo's detectors, the autoencoders inside them and MLPerf Tiny's
 * ad01; the same autoencoder in TensorFlow.js on wasm and in the official Python interpreter; what running leaves to
 * the garbage collector.
 */
export async function benchInference(): Promise<void> {
  const root = findWorkspaceRoot(process.cwd());
  const artifacts = artifactsFolder(root, PIPELINE);
  const rows = await normalRows(artifacts);
  const models = new Map(PRECISIONS.map((precision) => [precision, readDetector(artifacts, precision)]));
  for (const [precision, model] of models) await benchDetector(precision, model, rows);
  await benchPeers(cut(models.get('float32')!, 'bare autoencoder'), join(artifacts, 'train'));
  await benchAd01(join(dataFolder(root), 'models'));
  await benchGarbage(cut(models.get('float32')!, 'score only'), rows);
}

async function benchDetector(precision: Precision, model: Model, rows: Float32Array): Promise<void> {
  const table: string[][] = [];
  for (const engine of ENGINES) {
    const costs = new Map<string, number[]>();
    for (const graph of graphsOf(precision)) costs.set(graph, await engineCost(cut(model, graph), engine, rows));
    const bare = costs.get('bare autoencoder')!;
    for (const [graph, cost] of costs) table.push([`${engine}, ${graph}`, ...figures(cost), ...ratios(cost, bare)]);
  }
  printCosts(`${PIPELINE} detector.${precision}, and ratio to the bare autoencoder`, table, '/ bare');
}

/** The skeleton is a graph of float32 layers. */
function graphsOf(precision: Precision): readonly (typeof GRAPHS)[number][] {
  return precision === 'float32' ? GRAPHS : GRAPHS.filter((graph) => graph !== 'dense layers and LOG alone');
}

/** The same float32 autoencoder on the same rows elsewhere. */
async function benchPeers(autoencoder: Model, trained: string): Promise<void> {
  const values = randomRows(autoencoder, 1) as Float32Array;
  const native = await engineCost(autoencoder, 'native', values);
  const table = [['native', ...figures(native), ...ratios(native, native)]];
  const wasm = await engineCost(autoencoder, 'wasm', values);
  table.push(['wasm', ...figures(wasm), ...ratios(wasm, native)]);
  const predict = await predictCost(trained, values);
  table.push(['TensorFlow.js predict on wasm', ...figures(predict), ...ratios(predict, native)]);
  const python = litertPythonCost(autoencoder, values);
  if (python) table.push(['LiteRT in Python', ...figures(python), ...ratios(python, native)]);
  printCosts('bare autoencoder in float32, and ratio to the native engine', table, '/ native');
  if (!python) process.stdout.write('not installed, left out: ai-edge-litert (set EDGEGUARD_PYTHON)\n');
  const at = BATCHES.indexOf(COMPARED_BATCH);
  process.stdout.write(
    `native is ${(predict[at]! / native[at]!).toFixed(1)} times as fast as TensorFlow.js predict on wasm at batch ${COMPARED_BATCH}\n`,
  );
}

async function benchAd01(folder: string): Promise<void> {
  const table: string[][] = [];
  for (const name of AD01) {
    const path = join(folder, name);
    if (!existsSync(path)) continue;
    const model = readModel(readFileSync(path), { place: name });
    const values = randomRows(model, 10);
    for (const engine of ENGINES)
      table.push([`${name}, ${engine}`, ...figures(await engineCost(model, engine, values))]);
  }
  if (table.length > 0) printCosts('ad01 of MLPerf Tiny', table);
  else process.stdout.write(`no models of MLPerf Tiny in ${folder}, left out (set EDGEGUARD_DATA)\n`);
}

async function benchGarbage(model: Model, rows: Float32Array): Promise<void> {
  const table: string[][] = [];
  for (const name of ['native', 'wasm'] as const) {
    const { bytes, collections } = await garbageOf(model, name, rows, GARBAGE_RUNS);
    table.push([name, (bytes / 1024).toFixed(1), (bytes / GARBAGE_RUNS).toFixed(3), String(collections)]);
  }
  printTable(
    `inference: garbage of ${GARBAGE_RUNS.toLocaleString('en')} runs at batch 1, ${PIPELINE} detector.float32, score only`,
    ['', 'heap growth, KiB', 'bytes per run', 'collections'],
    table,
  );
}

function printCosts(what: string, table: readonly string[][], ratio?: string): void {
  const header = ['', ...BATCHES.map((batch) => `batch ${batch}`)];
  if (ratio !== undefined) header.push(...BATCHES.map((batch) => `${ratio} ${batch}`));
  printTable(`inference: ${what}, CPU microseconds per row, median of ${RUNS}`, header, table);
}

function figures(cost: readonly number[]): string[] {
  return cost.map((microseconds) => microseconds.toFixed(2));
}

function ratios(cost: readonly number[], base: readonly number[]): string[] {
  return cost.map((microseconds, i) => `${(microseconds / base[i]!).toFixed(2)}x`);
}

function readDetector(artifacts: string, precision: Precision): Model {
  const path = join(artifacts, 'convert', `detector.${precision}.tflite`);
  if (!existsSync(path)) throw new UserError(path, 'there is no detector', `run npx nx run ${PIPELINE}:convert first`);
  return readModel(readFileSync(path));
}

/** Part of a detector's graph. The autoencoder is what lies between the transform and the residual. */
function cut(model: Model, graph: (typeof GRAPHS)[number]): Model {
  if (graph === 'all outputs') return model;
  if (graph === 'dense layers and LOG alone') return denseSkeleton(model);
  if (graph === 'score only') return pruneToOutputs(model, ['score']);
  const [{ tensors, operators }] = model.subgraphs as [Model['subgraphs'][0]];
  const residual = operators.find((operator) => tensors[operator.outputs[0]!]!.name === 'residual');
  if (!residual) throw new Error('the detector has no tensor named residual');
  const [inputs, reconstruction] = residual.inputs.map((index) => tensors[index]!.name);
  return pruneModel(model, { inputs: [inputs!], outputs: [reconstruction!] });
}

/** Rows for a model of one input: uniform around 0, up to `extent`; all int8 values for int8. */
function randomRows(model: Model, extent: number): EngineData {
  const [subgraph] = model.subgraphs as [Model['subgraphs'][0]];
  const { type, shape } = subgraph.tensors[subgraph.inputs[0]!]!;
  const random = new SeededRandom(7);
  const length = 64 * shape.slice(1).reduce((product, size) => product * size, 1);
  if (type === 'int8') return Int8Array.from({ length }, () => Math.floor(random.uniform() * 256) - 128);
  return Float32Array.from({ length }, () => (random.uniform() * 2 - 1) * extent);
}

/** Calibration rows as the detector takes them. */
async function normalRows(artifacts: string): Promise<Float32Array> {
  const path = join(artifacts, 'preprocess', 'calibration.arrow');
  const transform = await readJson(join(artifacts, 'preprocess', 'transform.json'), TransformSchema);
  const reader = await DatasetReader.open(path);
  try {
    const encoder = new RowEncoder(reader.schema, transform, path);
    const batch = await reader.batch(0);
    const rows = new Float32Array(batch.length * encoder.width);
    encoder.encode(batch, rows);
    return rows;
  } finally {
    await reader.close();
  }
}
