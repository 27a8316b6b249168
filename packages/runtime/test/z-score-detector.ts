import {
  type CalibrationDocument,
  type DatasetSchema,
  type DetectorDocument,
  type FeatureColumn,
  featuresOf,
  MeteringSettingsSchema,
  schemaHash,
} from '@edgeguard/contracts';
import {
  categoryScores,
  codeEdges,
  conformalThreshold,
  decileEdges,
  describeTail,
  DriftBaselineBuilder,
  driftBlockRows,
  FeatureBins,
  pValueTable,
  writeDetectorFile,
} from '@edgeguard/detection';
import { corePacketOptions, FlowCoreMeter, flowCoreSchema, FlowMeter, flowSchema } from '@edgeguard/metering';
import { generateTraffic } from '@edgeguard/sources';
import { GraphBuilder } from '@edgeguard/tflite/builder';
import { writeModel } from '@edgeguard/tflite/model';

const CLIP = 20;
const FALSE_ALARM_RATE = 0.01;
/** Of normal traffic. */
const SECONDS = 300;

export const METERING = MeteringSettingsSchema.parse({ maxFlows: 16_384, maxHosts: 4096 });

/** A detector small enough to make in a test: the mean squared z-score of a record against normal synthetic traffic. */
export async function zScoreDetector(calibrationSeconds = SECONDS): Promise<Uint8Array> {
  return detectorOf(flowSchema(), await normalRows(101, SECONDS), await normalRows(102, calibrationSeconds));
}

/** The same of whole flows with what every flow source can tell. */
export async function coreZScoreDetector(): Promise<Uint8Array> {
  return detectorOf(flowCoreSchema(), await normalCoreRows(101), await normalCoreRows(102));
}

function detectorOf(
  schema: DatasetSchema,
  fit: readonly Float32Array[],
  calibration: readonly Float32Array[],
): Uint8Array {
  const features = featuresOf(schema);
  const { mean, deviation } = statistics(fit);
  const scores = Float32Array.from(calibration, (row) => scoreOf(row, mean, deviation));
  const threshold = conformalThreshold(scores, { falseAlarmRate: FALSE_ALARM_RATE, confidence: 0.95 });
  const document: DetectorDocument = {
    format: 'edgeguard.detector',
    version: 1,
    name: 'z-score',
    precision: 'float32',
    schema: {
      name: schema.name,
      version: schema.version,
      hash: schemaHash(features),
      features: features.map((feature) => ({ ...feature })) as DetectorDocument['schema']['features'],
    },
    vocabularies: {},
    metering: METERING,
    scorer: { kind: 'whitened-residual', evidenceWeight: 1 },
    threshold,
    pValues: pValueTable(scores),
    calibration: calibrationOf(features, fit, calibration, scores),
    baselines: features.map((_, f) => baseline(fit.map((row) => row[f]!))),
    provenance: { splits: {}, inputs: {}, seed: 101, versions: {} },
  };
  return writeDetectorFile(graph(mean, deviation), document);
}

/** Features of every record of some normal traffic. */
async function normalRows(seed: number, durationSeconds: number): Promise<Float32Array[]> {
  const rows: Float32Array[] = [];
  const meter = new FlowMeter(METERING, { record: ({ features }) => void rows.push(features.slice()) });
  await generateTraffic({ seed, durationSeconds, attacks: 'none' }, meter);
  meter.finish();
  return rows;
}

/** Features of every whole flow of the same traffic. */
async function normalCoreRows(seed: number): Promise<Float32Array[]> {
  const rows: Float32Array[] = [];
  const core = new FlowCoreMeter(METERING, { coreRecord: ({ features }) => void rows.push(features.slice()) });
  const meter = new FlowMeter(corePacketOptions(METERING), core);
  await generateTraffic({ seed, durationSeconds: SECONDS, attacks: 'none' }, meter);
  meter.finish();
  core.finish();
  return rows;
}

/** As the stage convert does; these rows have no time. */
function calibrationOf(
  features: readonly FeatureColumn[],
  fit: readonly Float32Array[],
  rows: readonly Float32Array[],
  scores: Float32Array,
): CalibrationDocument {
  const blockRows = driftBlockRows(rows.length);
  const column = (all: readonly Float32Array[], f: number): Float32Array => Float32Array.from(all, (row) => row[f]!);
  const bins = new FeatureBins(
    features.map(({ categories }, f) =>
      categories ? codeEdges(categories.length) : decileEdges(column(fit, f).sort()),
    ),
  );
  const train = bins.start();
  for (const row of fit) bins.add(train, row, 0);
  const builder = blockRows === undefined ? undefined : new DriftBaselineBuilder(bins, train, blockRows);
  for (const row of rows) builder?.add(row, 1);
  return {
    tail: describeTail(scores),
    categories: features.flatMap(({ name, categories }, f) =>
      categories
        ? [categoryScores(scores, { feature: name, categories, codes: Uint16Array.from(column(rows, f)) })]
        : [],
    ),
    ...(builder ? { drift: builder.finish(pValueTable(scores), scores) } : {}),
  };
}

function statistics(rows: readonly Float32Array[]) {
  const mean = Float32Array.from(rows[0]!, (_, f) => rows.reduce((sum, row) => sum + row[f]!, 0) / rows.length);
  const deviation = Float32Array.from(mean, (_, f) => {
    const variance = rows.reduce((sum, row) => sum + (row[f]! - mean[f]!) ** 2, 0) / rows.length;
    return Math.max(Math.sqrt(variance), 0.05 * Math.abs(mean[f]!), 1e-3);
  });
  return { mean, deviation };
}

function scoreOf(row: Float32Array, mean: Float32Array, deviation: Float32Array): number {
  let sum = 0;
  for (let f = 0; f < row.length; f++) {
    const z = Math.max(-CLIP, Math.min(CLIP, (row[f]! - mean[f]!) / deviation[f]!));
    sum += (z * z) / row.length;
  }
  return sum;
}

function graph(mean: Float32Array, deviation: Float32Array): Uint8Array {
  const width = mean.length;
  const g = new GraphBuilder({ description: 'mean squared z-score' });
  const x = g.input('features', width);
  const centred = g.sub(x, g.row('mean', mean));
  const scaled = g.mul(
    centred,
    g.row(
      'rate',
      deviation.map((d) => 1 / d),
    ),
  );
  const z = g.maximum(g.minimum(scaled, g.scalar(CLIP)), g.scalar(-CLIP));
  const errors = g.mul(g.square(z), g.scalar(1 / width), 'none', 'feature_error');
  const score = g.fullyConnected(
    errors,
    g.constant('ones', [1, width], new Float32Array(width).fill(1)),
    null,
    'none',
    'score',
  );
  const expected = g.add(g.mul(x, g.scalar(0)), g.row('expected_row', mean), 'none', 'expected');
  g.output('score', score);
  g.output('expected', expected);
  g.output('feature_error', errors);
  return writeModel(g.build());
}

function baseline(values: number[]) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))]!;
  return { p05: at(0.05), p50: at(0.5), p95: at(0.95), min: at(0), max: at(1) };
}
