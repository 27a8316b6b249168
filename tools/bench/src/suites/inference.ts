import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PRECISIONS, type Precision, TransformSchema, readJson, UserError } from '@edgeguard/contracts';
import { DatasetReader } from '@edgeguard/contracts/arrow';
import { artifactsFolder, findWorkspaceRoot } from '@edgeguard/contracts/stage';
import { loadModelEngine, type Engine, type EngineName } from '@edgeguard/tflite/engines';
import { type Model, pruneModel, pruneToOutputs, readModel } from '@edgeguard/tflite/model';
import { RowEncoder } from '@edgeguard/transform';
import { cpuSecondsOf } from '../harness/cpu-time.ts';
import { median } from '../harness/median.ts';
import { printTable } from '../harness/table.ts';

const PIPELINE = 'demo';
const ENGINES: readonly EngineName[] = ['native', 'wasm', 'reference'];
const BATCHES = [1, 32, 256, 1024];
const RUNS = 5;
/** CPU seconds that one measurement should take at least. */
const LEAST_SECONDS = 0.12;

/** Graphs that are compared: the whole detector, what `detect` runs for every row, and the autoencoder inside. */
const GRAPHS = ['all outputs', 'score only', 'bare autoencoder'] as const;

/** Microseconds of CPU per row of each engine, for the demo's detectors and the autoencoders inside them. */
export async function benchInference(): Promise<void> {
  const artifacts = artifactsFolder(findWorkspaceRoot(process.cwd()), PIPELINE);
  const rows = await normalRows(artifacts);
  for (const precision of PRECISIONS) {
    const model = readModel(readFileSync(detectorPath(artifacts, precision)));
    const graphs = new Map(GRAPHS.map((graph) => [graph, cut(model, graph)]));
    const table: string[][] = [];
    for (const engine of ENGINES) {
      const costs = new Map<string, number[]>();
      for (const [graph, part] of graphs) costs.set(graph, await costPerRow(part, engine, rows));
      for (const [graph, cost] of costs) {
        const bare = costs.get('bare autoencoder')!;
        table.push([
          `${engine}, ${graph}`,
          ...cost.map((microseconds) => microseconds.toFixed(2)),
          ...cost.map((microseconds, i) => `${(microseconds / bare[i]!).toFixed(2)}x`),
        ]);
      }
    }
    printTable(
      `inference: ${PIPELINE} detector.${precision}, CPU microseconds per row and ratio to the bare autoencoder, median of ${RUNS}`,
      ['', ...BATCHES.map((batch) => `batch ${batch}`), ...BATCHES.map((batch) => `/ bare ${batch}`)],
      table,
    );
  }
}

function detectorPath(artifacts: string, precision: Precision): string {
  const path = join(artifacts, 'convert', `detector.${precision}.tflite`);
  if (!existsSync(path)) throw new UserError(path, 'there is no detector', `run npx nx run ${PIPELINE}:convert first`);
  return path;
}

/** Part of a detector's graph. The autoencoder is what lies between the transform and the residual. */
function cut(model: Model, graph: (typeof GRAPHS)[number]): Model {
  if (graph === 'all outputs') return model;
  if (graph === 'score only') return pruneToOutputs(model, ['score']);
  const [{ tensors, operators }] = model.subgraphs as [Model['subgraphs'][0]];
  const residual = operators.find((operator) => tensors[operator.outputs[0]!]!.name === 'residual');
  if (!residual) throw new Error('the detector has no tensor named residual');
  const [inputs, reconstruction] = residual.inputs.map((index) => tensors[index]!.name);
  return pruneModel(model, { inputs: [inputs!], outputs: [reconstruction!] });
}

async function costPerRow(model: Model, name: EngineName, rows: Float32Array): Promise<number[]> {
  const engine = await loadModelEngine(model, { engine: name });
  try {
    return BATCHES.map((batch) => {
      engine.resize(batch);
      return median(Array.from({ length: RUNS }, () => microsecondsPerRow(engine, batch, rows)));
    });
  } finally {
    engine.dispose();
  }
}

function microsecondsPerRow(engine: Engine, batch: number, rows: Float32Array): number {
  const inputs = engine.inputs.map(({ length }) => cycled(rows, length));
  const outputs = engine.outputs.map(({ length }) => new Float32Array(length));
  engine.run(inputs, outputs);
  for (let runs = 4; ; runs *= 4) {
    const seconds = cpuSecondsOf(() => {
      for (let i = 0; i < runs; i++) engine.run(inputs, outputs);
    });
    if (seconds >= LEAST_SECONDS) return (seconds / (runs * batch)) * 1e6;
  }
}

function cycled(values: Float32Array, length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => values[i % values.length]!);
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
