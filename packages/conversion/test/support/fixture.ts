import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type DatasetSchema,
  formatJson,
  type ScorerDocument,
  sha256,
  sha256OfFile,
  type TransformDocument,
  useSplit,
} from '@edgeguard/contracts';
import { DatasetReader, DatasetWriter } from '@edgeguard/contracts/arrow';
import { fitTransform, RowEncoder, TransformEvaluator } from '@edgeguard/transform';
import { type HandmadeLayer, handmadeScorer, layersModel, principalAutoencoder } from './autoencoder.ts';
import { trafficRows, trafficSchema } from './traffic.ts';

export interface FixtureOptions {
  readonly numbers?: number;
  readonly categories?: boolean;
  readonly trainRows?: number;
  readonly calibrationRows?: number;
  readonly components?: number;
  readonly convert?: object;
  /** Changes the layers before they are written. */
  readonly layers?: (layers: HandmadeLayer[]) => HandmadeLayer[];
}

/** A pipeline on the disk as preprocess and train leave it. */
export interface Fixture {
  readonly root: string;
  readonly pipelineFolder: string;
  readonly artifacts: string;
  readonly schema: DatasetSchema;
  readonly transform: TransformDocument;
  readonly scorer: ScorerDocument;
  readonly layers: readonly HandmadeLayer[];
  /** Encoded calibration rows [count, F]. */
  readonly calibration: Float32Array;
  readonly calibrationCount: number;
}

/** Makes a pipeline in a new temporary folder, with an autoencoder made by hand. Its owner removes `root`. */
export async function makeFixture(options: FixtureOptions = {}): Promise<Fixture> {
  const root = await mkdtemp(join(tmpdir(), 'edgeguard-conversion-'));
  const pipelineFolder = join(root, 'data', 'pipelines', 'small');
  const artifacts = join(root, 'data', 'artifacts', 'small');
  for (const folder of [pipelineFolder, join(artifacts, 'preprocess'), join(artifacts, 'train')]) {
    await mkdir(folder, { recursive: true });
  }
  await writeFile(join(root, 'nx.json'), '{}');
  await writeFile(
    join(pipelineFolder, 'edgeguard.config.json'),
    JSON.stringify({
      collect: { source: { kind: 'synthetic', durationSeconds: 60 } },
      convert: { threshold: { falseAlarmRate: 0.01, confidence: 0.95 }, ...options.convert },
    }),
  );
  const schema = trafficSchema(options.numbers ?? 10, options.categories ?? true);
  const trainPath = join(artifacts, 'preprocess', 'train.arrow');
  const calibrationPath = join(artifacts, 'preprocess', 'calibration.arrow');
  const trainCount = options.trainRows ?? 2000;
  const calibrationCount = options.calibrationRows ?? 2500;
  await writeRows(trainPath, schema, trainCount, 1);
  await writeRows(calibrationPath, schema, calibrationCount, 2, {
    'edgeguard.metering': JSON.stringify({ idleTimeoutSeconds: 77 }),
  });

  const trainReader = await DatasetReader.open(trainPath);
  const splits = useSplit({}, 'train', trainPath, await sha256OfFile(trainPath));
  const transform = await fitTransform({
    schema,
    rows: trainReader.batches(),
    config: { clipSigma: 5, deviationFloor: 0.05 },
    splits,
  });
  await writeFile(join(artifacts, 'preprocess', 'transform.json'), formatJson(transform));

  const train = await encode(trainReader, transform, trainCount);
  await trainReader.close();
  const { inputs, width } = transformed(train, trainCount, transform);
  const made = principalAutoencoder(inputs, trainCount, width, options.components ?? 4);
  const layers = options.layers?.(made) ?? made;
  const { json, weights } = layersModel(layers);
  await writeFile(join(artifacts, 'train', 'model.json'), JSON.stringify(json));
  await writeFile(join(artifacts, 'train', 'weights.bin'), weights);
  const residual = inputs.map(
    (value, at) => value - reconstruct(made, inputs, Math.floor(at / width), width)[at % width]!,
  );
  const scorer = handmadeScorer(
    residual,
    trainCount,
    width,
    useSplit(splits, 'validation', 'validation', sha256('validation')),
  );
  await writeFile(join(artifacts, 'train', 'scorer.json'), formatJson(scorer));

  const reader = await DatasetReader.open(calibrationPath);
  const calibration = await encode(reader, transform, calibrationCount);
  await reader.close();
  return { root, pipelineFolder, artifacts, schema, transform, scorer, layers, calibration, calibrationCount };
}

async function writeRows(
  path: string,
  schema: DatasetSchema,
  rows: number,
  seed: number,
  metadata: Record<string, string> = {},
): Promise<void> {
  const writer = new DatasetWriter(path, schema, metadata);
  await writer.write(trafficRows(schema, rows, seed));
  await writer.close();
}

async function encode(reader: DatasetReader, transform: TransformDocument, count: number): Promise<Float32Array> {
  const encoder = new RowEncoder(reader.schema, transform, reader.path);
  const rows = new Float32Array(count * encoder.width);
  encoder.encode(await reader.batch(0), rows);
  return rows;
}

function transformed(
  rows: Float32Array,
  count: number,
  transform: TransformDocument,
): { inputs: Float32Array; width: number } {
  const evaluator = new TransformEvaluator(transform);
  const inputs = new Float32Array(count * evaluator.outputWidth);
  evaluator.apply(rows, count, inputs, new Float32Array(count * evaluator.inputWidth));
  return { inputs, width: evaluator.outputWidth };
}

let lastRow = -1;
let lastInputs: Float32Array | undefined;
let lastValues = new Float64Array(0);

/** The layers' output for one row, in plain arithmetic; the row asked for last is kept. */
function reconstruct(layers: readonly HandmadeLayer[], inputs: Float32Array, row: number, width: number): Float64Array {
  if (row === lastRow && inputs === lastInputs) return lastValues;
  let values = Float64Array.from(inputs.subarray(row * width, (row + 1) * width));
  for (const { inputs: size, units, kernel, bias, activation } of layers) {
    values = Float64Array.from({ length: units }, (_, unit) => {
      let sum = bias[unit]!;
      for (let i = 0; i < size; i++) sum += values[i]! * kernel[i * units + unit]!;
      return activation === 'relu' ? Math.max(0, sum) : sum;
    });
  }
  [lastRow, lastInputs, lastValues] = [row, inputs, values];
  return values;
}
