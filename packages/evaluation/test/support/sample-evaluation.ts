import { observedTime } from '@edgeguard/detection';
import { type DetectorDocument, schemaHash, sha256, type FeatureColumn } from '@edgeguard/contracts';
import { conformalThreshold, pValueTable } from '@edgeguard/detection';
import { SeededRandom } from '@edgeguard/transform';
import {
  assembleEvaluation,
  type AssembledEvaluation,
  clusterRows,
  type DetectorScores,
  type EpisodesOnTest,
  type EvaluationInput,
  labelCode,
  type LabelledRows,
  type ReportInput,
  reportData,
  sortScores,
  type SplitSummary,
  type SystemScores,
} from '../../src/index.ts';

/** What {@link sampleEvaluation} may vary. */
export interface SampleOptions {
  readonly attackNames?: readonly string[];
  readonly withTime?: boolean;
  readonly pipeline?: string;
  readonly normalRows?: number;
  readonly rowsPerAttack?: number;
}

const BUDGET = { falseAlarmRate: 0.01, confidence: 0.95 };
const START = 1_767_571_200n * 1_000_000_000n;

/** An evaluation over made-up scores: three days of traffic with some attacks, two detectors and a baseline. */
export function sampleEvaluation(options: SampleOptions = {}): {
  readonly input: EvaluationInput;
  readonly assembled: AssembledEvaluation;
  readonly report: ReportInput;
} {
  const names = options.attackNames ?? ['exfiltration', 'password guessing', 'port scan', 'syn flood'];
  const random = new SeededRandom(11);
  const rows = sampleRows(random, names, options);
  const detectors = [sampleSystem('float32', random, rows, 1), sampleSystem('int8', random, rows, 0.9)];
  const baselines = [sampleSystem('z-score', random, rows, 0.4), sampleSystem('pca', random, rows, 0.6)];
  const time = rows.time ? observedTime(rows.time) : null;
  const features = sampleFeatures();
  const split = (count: number): SplitSummary => ({
    rows: count,
    normal: count,
    attack: 0,
    collateral: 0,
    unknown: 0,
    notFinite: 0,
    time: null,
  });
  const count = (code: number): number => rows.label.filter((label) => label === code).length;
  const input: EvaluationInput = {
    pipeline: options.pipeline ?? 'sample',
    schema: { name: 'sample-flows', version: 1, hash: schemaHash(features), features: features.length },
    splitDigests: { train: sha256('train'), validation: sha256('v'), calibration: sha256('c'), test: sha256('t') },
    detectorBytes: { float32: 448_029, int8: 310_398 },
    detectorDigests: { float32: sha256('float32'), int8: sha256('int8') },
    splits: {
      train: split(4000),
      validation: split(1000),
      calibration: split(2000),
      test: {
        rows: rows.rows,
        normal: count(labelCode('normal')),
        attack: count(labelCode('attack')),
        collateral: count(labelCode('collateral')),
        unknown: 0,
        notFinite: 0,
        time,
      },
    },
    test: rows,
    clusters: clusterRows(rows),
    detectors,
    baselines,
    curvePoints: 200,
    seed: 1,
    isNew: new Uint8Array(rows.rows).fill(1),
    dataChecks: {
      sharedRows: { normalSeenBefore: 12, attackSeenBefore: 0, repeated: 3 },
      singleFeatures: features.map(({ name }, i) => ({ feature: name, rocAuc: 0.995 - 0.2 * i })),
      suspiciousFeatures: [features[0]!.name],
      timeOrder: rows.time ? 'ordered' : null,
      drift: features.map(({ name }) => ({ feature: name, validation: 0.01, calibration: 0.02, test: 0.25 })),
      testDrift: {
        state: 'watch',
        cause: 'network',
        blockRows: 200,
        blocks: 30,
        moved: [{ name: features[0]!.name, blocks: 4 }],
      },
      testApart: false,
    },
    topAnomalies: names.slice(0, 3).map((attack, i) => ({
      row: i,
      time: rows.time ? String(START) : null,
      label: i === 0 ? ('normal' as const) : ('attack' as const),
      attack: i === 0 ? '' : attack,
      score: 100 - i,
      alert: true,
      pValue: 1 / 2001,
      reasons: [
        { feature: 'packets', share: 0.8, text: 'packets of the flow: 90,000, usually 1 to 250' },
        { feature: 'duration', share: 0.2, text: 'first to last packet: 3 h, usually 10 ms to 2 s' },
      ],
    })),
  };
  const assembled = assembleEvaluation(input);
  const scores: DetectorScores[] = detectors.map((one, index) => ({
    result: assembled.document.detectors[index]!,
    train: one.train!,
    calibration: one.calibration,
    grouped: assembled.grouped[index]!,
    test: one.test,
    episodes: one.episodes,
  }));
  const epochs = Array.from({ length: 40 }, (_, i) => i + 1);
  const training = {
    epoch: epochs,
    train: epochs.map((epoch) => 0.05 + 1.2 * Math.exp(-epoch / 6)),
    validation: epochs.map((epoch) => 0.07 + 1.1 * Math.exp(-epoch / 6) + 0.01 * random.uniform()),
  };
  return {
    input,
    assembled,
    report: {
      evaluation: assembled.document,
      data: reportData(assembled.document, scores, rows, training),
      detectors: detectors.map((one) => sampleDetector(one, features)),
      verification: [{ name: 'engines', value: 'reference, native and wasm agree' }],
    },
  };
}

function sampleRows(random: SeededRandom, names: readonly string[], options: SampleOptions): LabelledRows {
  const normalRows = options.normalRows ?? 6000;
  const perAttack = options.rowsPerAttack ?? 120;
  const collateral = 50;
  const rows = normalRows + names.length * perAttack + collateral;
  const label = new Uint8Array(rows).fill(labelCode('normal'));
  const attack = new Uint16Array(rows);
  const time = new BigInt64Array(rows);
  for (let row = 0; row < rows; row++) {
    const after = row - normalRows;
    const day = 86_400 * 3;
    let seconds = (day * row) / normalRows;
    if (after >= 0 && after < names.length * perAttack) {
      label[row] = labelCode('attack');
      attack[row] = Math.floor(after / perAttack);
      seconds = (day * (attack[row]! + 0.5)) / names.length + 30 * (after % perAttack);
    } else if (after >= 0) {
      label[row] = labelCode('collateral');
      seconds = day * random.uniform();
    }
    time[row] = START + BigInt(Math.floor(seconds * 1000)) * 1_000_000n;
  }
  return { rows, label, attack, attackNames: names, time: options.withTime === false ? undefined : time };
}

/** Log-normal scores; attacks lie `skill` times their distance above. */
function sampleSystem(name: string, random: SeededRandom, rows: LabelledRows, skill: number): SystemScores {
  const gauss = (): number => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += random.uniform();
    return sum;
  };
  const normal = (count: number): Float32Array =>
    Float32Array.from({ length: count }, () => Math.exp(0.6 * gauss() - 0.5));
  const calibration = normal(2000);
  const attackCode = labelCode('attack');
  const test = Float32Array.from({ length: rows.rows }, (_, row) => {
    const shift = rows.label[row] === attackCode ? skill * (1.5 + 0.8 * (rows.attack[row]! % 5)) : 0;
    return Math.exp(0.6 * gauss() - 0.5 + shift);
  });
  return {
    name,
    description: `made-up scores of ${name}`,
    threshold: conformalThreshold(calibration, BUDGET),
    train: sortScores(normal(4000)),
    validation: sortScores(normal(1000)),
    calibration: sortScores(calibration),
    test,
    episodes: name === 'float32' ? sampleEpisodes(rows) : null,
  };
}

/** Made-up episodes: one a day of normal rows, and one of each attack. */
function sampleEpisodes({ time, attackNames }: LabelledRows): EpisodesOnTest | null {
  if (!time) return null;
  const day = 86_400n * 1_000_000_000n;
  const hour = day / 24n;
  const span = (first: bigint, attack: string) => ({
    first: String(first),
    last: String(first + hour),
    alerts: 100,
    label: attack === '' ? ('normal' as const) : ('attack' as const),
    attack,
  });
  const spans = [
    ...[0n, 1n, 2n].map((n) => span(START + n * day, '')),
    ...attackNames.map((name, i) =>
      span(START + (3n * day * BigInt(2 * i + 1)) / BigInt(2 * attackNames.length), name),
    ),
  ];
  const opened = { openedByNormal: 3, openedByAttack: attackNames.length, total: 3 + attackNames.length };
  return {
    figures: { alerts: 500, ...opened, perDay: opened.total / 3, spans, furtherSpans: 0 },
    curve: { days: 30, records: 300, thresholds: [8, 4, 2, 1], episodes: [0, 6, 60, 280] },
    days: 3,
    onNormal: (threshold) => (threshold < 1 ? null : threshold < 4 ? 12 : 1),
  };
}

function sampleFeatures(): FeatureColumn[] {
  return [
    {
      name: 'packets',
      role: 'feature',
      type: 'float32',
      kind: 'count',
      unit: '{packet}',
      description: 'packets of the flow',
    },
    {
      name: 'duration',
      role: 'feature',
      type: 'float32',
      kind: 'seconds',
      unit: 's',
      description: 'first to last packet',
    },
  ];
}

function sampleDetector(system: SystemScores, features: FeatureColumn[]): DetectorDocument {
  return {
    format: 'edgeguard.detector',
    version: 1,
    name: 'sample',
    precision: system.name === 'int8' ? 'int8' : 'float32',
    schema: { name: 'sample-flows', version: 1, hash: schemaHash(features), features: features as never },
    vocabularies: {},
    scorer: { kind: 'whitened-residual', evidenceWeight: 1 },
    threshold: system.threshold,
    pValues: pValueTable(system.calibration),
    baselines: features.map(() => ({ p05: 1, p50: 4, p95: 250, min: 0, max: 12_000 })),
    provenance: {
      splits: { train: sha256('train') },
      inputs: { 'preprocess/transform.json': sha256('transform') },
      seed: 1,
      versions: { 'apache-arrow': '21.2.0' },
    },
  };
}
