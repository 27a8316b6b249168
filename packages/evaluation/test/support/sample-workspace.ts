import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CONFIG_FILE,
  type DatasetSchema,
  type DetectorDocument,
  type FeatureColumn,
  featuresOf,
  formatJson,
  schemaHash,
  sha256OfFile,
  type SplitPurpose,
  type SplitUses,
} from '@edgeguard/contracts';
import { type ColumnBatch, DatasetWriter } from '@edgeguard/contracts/arrow';
import { runStage, type StageLocation } from '@edgeguard/contracts/stage';
import {
  conformalThreshold,
  episodeCurve,
  EpisodeRecorder,
  pValueTable,
  writeDetectorFile,
} from '@edgeguard/detection';
import { GraphBuilder, writeModel } from '@edgeguard/tflite';
import { fitTransform, SeededRandom } from '@edgeguard/transform';
import pino from 'pino';
import { evaluationStage } from '../../src/index.ts';

const FEATURE_NAMES = ['packets', 'bytes', 'duration', 'ports', 'answers', 'gap'];
const BUDGET = { falseAlarmRate: 0.02, confidence: 0.9 };

export const SCHEMA: DatasetSchema = {
  name: 'test-flows',
  version: 1,
  columns: [
    { name: 'source', role: 'identity', type: 'utf8' },
    { name: 'target', role: 'identity', type: 'utf8' },
    { name: 'time', role: 'time', type: 'timestamp' },
    ...FEATURE_NAMES.map((name): FeatureColumn => ({
      name,
      role: 'feature',
      type: 'float32',
      kind: 'ratio',
      unit: '1',
      description: name,
    })),
    { name: 'label', role: 'label', type: 'utf8' },
    { name: 'attack', role: 'label', type: 'utf8' },
    { name: 'capture', role: 'split', type: 'utf8' },
  ],
};

/** A row of made-up flows. */
export interface Row {
  readonly values: readonly number[];
  readonly label: string;
  readonly attack: string;
}

/** A name that would break out of markup and out of a script element. */
export const HOSTILE_NAME = `</script><img src=x onerror="alert(1)">'&`;

/** Normal rows lie around 1 in every feature; each attack moves one of them. */
export function makeRows(seed: number, normal: number, attacks: Readonly<Record<string, number>> = {}): Row[] {
  const random = new SeededRandom(seed);
  const value = (): number => 1 + (random.uniform() + random.uniform() + random.uniform() - 1.5) / 3;
  const row = (): number[] => FEATURE_NAMES.map(value);
  const rows: Row[] = Array.from({ length: normal }, () => ({ values: row(), label: 'normal', attack: '' }));
  for (const [index, [attack, count]] of Object.entries(attacks).entries()) {
    for (let i = 0; i < count; i++) {
      const values = row();
      values[index % values.length]! += 1 + random.uniform();
      rows.push({ values, label: 'attack', attack });
    }
  }
  return rows;
}

/** A workspace with one pipeline that has run up to `convert`, made without any other stage. */
export class SampleWorkspace {
  readonly root: string;
  readonly location: StageLocation;
  /** The lines that the stage logged. */
  readonly log: string[] = [];

  private constructor(root: string) {
    this.root = root;
    this.location = { pipelineFolder: join(root, 'data', 'pipelines', 'sample'), artifacts: join(root, 'artifacts') };
  }

  /** @param inOrder whether each split starts when the one before has ended; else all start at once */
  static async create(
    splits: Readonly<Record<SplitPurpose, readonly Row[]>>,
    inOrder = false,
  ): Promise<SampleWorkspace> {
    const workspace = new SampleWorkspace(await mkdtemp(join(tmpdir(), 'edgeguard-evaluation-')));
    const { pipelineFolder } = workspace.location;
    await mkdir(pipelineFolder, { recursive: true });
    await writeFile(join(workspace.root, 'nx.json'), '{}');
    const config = { collect: { source: { kind: 'captures', paths: ['none.pcap'] } }, evaluate: { curvePoints: 50 } };
    await writeFile(join(pipelineFolder, CONFIG_FILE), JSON.stringify(config));
    for (const target of ['preprocess', 'train', 'convert']) {
      await mkdir(join(workspace.location.artifacts, target), { recursive: true });
    }
    const uses: SplitUses = {};
    let firstMinute = 0;
    for (const [purpose, rows] of Object.entries(splits) as [SplitPurpose, readonly Row[]][]) {
      const path = workspace.path('preprocess', `${purpose}.arrow`);
      await writeRows(path, rows, firstMinute);
      if (inOrder) firstMinute += rows.length;
      if (purpose !== 'test') uses[purpose] = await sha256OfFile(path);
    }
    await workspace.#writeTransform(splits.train, uses);
    await workspace.#writeHistory();
    await workspace.#writeDetector('float32', splits.calibration, uses, 1);
    await workspace.#writeDetector('int8', splits.calibration, uses, 1.1);
    return workspace;
  }

  path(target: string, file: string): string {
    return join(this.location.artifacts, target, file);
  }

  async evaluate(): Promise<void> {
    const log = pino(
      { level: 'info' },
      { write: (line: string) => void this.log.push(JSON.parse(line).msg as string) },
    );
    await runStage(evaluationStage, this.location, new AbortController().signal, log);
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }

  async #writeTransform(train: readonly Row[], { train: digest }: SplitUses): Promise<void> {
    const fit = await fitTransform({
      schema: SCHEMA,
      rows: [Float32Array.from(train.flatMap(({ values }) => values))],
      config: { clipSigma: 5, deviationFloor: 0.05 },
      splits: digest === undefined ? {} : { train: digest },
    });
    await writeFile(this.path('preprocess', 'transform.json'), formatJson(fit));
  }

  async #writeHistory(): Promise<void> {
    const column = (name: string, type: 'uint32' | 'float64') => ({ name, role: 'ignore', type }) as const;
    const writer = new DatasetWriter(this.path('train', 'history.arrow'), {
      name: 'training-history',
      version: 1,
      columns: [column('epoch', 'uint32'), column('train_loss', 'float64'), column('validation_loss', 'float64')],
    });
    const columns = {
      epoch: Uint32Array.of(1, 2, 3),
      train_loss: Float64Array.of(1, 0.5, 0.3),
      validation_loss: Float64Array.of(1.1, 0.6, 0.4),
    };
    await writer.write({ length: 3, columns });
    await writer.close();
  }

  /** A detector whose score is the mean over features of ((x - 1) * weight)^2. */
  async #writeDetector(
    precision: 'float32' | 'int8',
    calibration: readonly Row[],
    splits: SplitUses,
    weight: number,
  ): Promise<void> {
    const features = featuresOf(SCHEMA);
    const width = features.length;
    const g = new GraphBuilder();
    const x = g.input('features', width);
    const ones = g.row('ones', new Float32Array(width).fill(1));
    const z = g.mul(g.sub(x, ones), g.scalar(weight));
    const errors = g.mul(g.mul(z, z), g.scalar(1 / width));
    const sum = g.constant('sum', [1, width], new Float32Array(width).fill(1));
    g.output('score', g.fullyConnected(errors, sum, null));
    g.output('expected', g.add(g.mul(x, g.scalar(0)), ones));
    g.output('feature_error', errors);
    const scores = Float32Array.from(calibration, ({ values }) => {
      return values.reduce((total, value) => total + ((Math.fround(value) - 1) * weight) ** 2 / width, 0);
    });
    const document: DetectorDocument = {
      format: 'edgeguard.detector',
      version: 1,
      name: 'sample',
      precision,
      schema: { name: SCHEMA.name, version: SCHEMA.version, hash: schemaHash(features), features: features as never },
      vocabularies: {},
      scorer: { kind: 'whitened-residual', evidenceWeight: 1 },
      threshold: conformalThreshold(scores, BUDGET),
      pValues: pValueTable(scores),
      baselines: features.map(() => ({ p05: 0.6, p50: 1, p95: 1.4, min: 0, max: 2 })),
      provenance: { splits, inputs: {}, seed: 1, versions: {} },
    };
    const episodes = calibrationEpisodes(document, calibration, scores, weight);
    const bytes = writeDetectorFile(writeModel(g.build()), {
      ...document,
      calibration: {
        days: episodes.days,
        tail: { fits: false, reason: 'too few rows' },
        categories: [],
        episodes,
      },
    });
    await writeFile(this.path('convert', `detector.${precision}.tflite`), bytes);
    const artifact = {
      file: `detector.${precision}.tflite`,
      passed: true,
      checks: [{ name: 'relative difference of scores', limit: 1e-5, must: 'be at most' }],
    };
    await writeFile(
      this.path('convert', 'verification.json'),
      formatJson({
        format: 'edgeguard.verification',
        version: 1,
        rows: { calibration: calibration.length, compared: calibration.length, adversarial: 10 },
        artifacts: [artifact],
      }),
    );
  }
}

/** The curve of episodes that the stage convert would have made. */
function calibrationEpisodes(document: DetectorDocument, rows: readonly Row[], scores: Float32Array, weight: number) {
  const width = FEATURE_NAMES.length;
  const floor = scores.toSorted()[Math.floor(0.9 * scores.length)]!;
  const errorOf = (value: number): number => ((value - 1) * weight) ** 2 / width;
  const recorder = new EpisodeRecorder({
    document,
    score: (values, count, results) => {
      for (let row = 0; row < count; row++) {
        results[row] = values.subarray(row * width, (row + 1) * width).reduce((sum, value) => sum + errorOf(value), 0);
      }
    },
  });
  const records = rows.flatMap((row, i) => {
    const values = Float32Array.from(row.values);
    const explained = {
      row: values,
      expected: new Float32Array(width).fill(1),
      featureErrors: values.map(errorOf),
    };
    const subject = { time: timeOf(i), ...endsOf(row, i), score: scores[i]! };
    return scores[i]! > floor ? [recorder.record(subject, explained)] : [];
  });
  return episodeCurve(records, ((rows.length - 1) * 60) / 86_400, floor);
}

function timeOf(row: number): bigint {
  return 1_767_571_200_000_000_000n + BigInt(row) * 60_000_000_000n;
}

function endsOf({ attack }: Row, i: number): { source: string; target: string } {
  return attack === ''
    ? { source: `10.0.0.${i % 250}`, target: '10.0.1.1' }
    : { source: '10.0.9.9', target: `10.0.2.${attack.length % 250}` };
}

/** Writes rows as a split; one minute between them. */
async function writeRows(path: string, rows: readonly Row[], firstMinute: number): Promise<void> {
  const writer = new DatasetWriter(path, SCHEMA);
  const columns: Record<string, ColumnBatch['columns'][string]> = {
    source: rows.map((row, i) => endsOf(row, i).source),
    target: rows.map((row, i) => endsOf(row, i).target),
    time: BigInt64Array.from(rows, (_, i) => timeOf(firstMinute + i)),
    label: rows.map(({ label }) => label),
    attack: rows.map(({ attack }) => attack),
    capture: rows.map(() => 'made-up.pcap'),
  };
  for (const [f, name] of FEATURE_NAMES.entries()) columns[name] = Float32Array.from(rows, ({ values }) => values[f]!);
  await writer.write({ length: rows.length, columns });
  await writer.close();
}
