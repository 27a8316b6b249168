import type { SplitUses, ThresholdDocument } from '@edgeguard/contracts';
import { rankCorrelation } from '@edgeguard/detection';
import { brokenPromises } from './broken-promises.ts';
import type { EpisodesOnTest } from './budgets.ts';
import { evaluateScores } from './evaluate-scores.ts';
import type { EvaluationDocument, ResultDocument, SplitSummary } from './evaluation-document.ts';
import { confusionAt, detectionFigures } from './metrics/confusion.ts';
import { averagePrecision, rocAuc } from './metrics/ranking.ts';
import { clusterBootstrap } from './metrics/cluster-bootstrap.ts';
import type { Clusters } from './metrics/clusters.ts';
import { type GroupedScores, groupScores, labelCode, type LabelledRows } from './metrics/labelled-rows.ts';
import type { Scores } from './metrics/scores.ts';
import { timeToAlert } from './metrics/time-to-alert.ts';

/** The scores that one detector or baseline gave to every split. */
export interface SystemScores {
  readonly name: string;
  readonly description: string;
  readonly threshold: ThresholdDocument;
  /** Normal rows, ascending; null for splits that were not scored. */
  readonly train: Scores | null;
  readonly validation: Scores | null;
  readonly calibration: Scores;
  /** Test rows in file order. */
  readonly test: Float32Array;
  readonly episodes: EpisodesOnTest | null;
}

/** All that an evaluation is computed from. */
export interface EvaluationInput {
  readonly pipeline: string;
  readonly schema: EvaluationDocument['schema'];
  readonly splitDigests: SplitUses;
  readonly detectorDigests: Readonly<Record<string, string>>;
  readonly detectorBytes: Readonly<Record<string, number>>;
  readonly splits: Readonly<Record<'train' | 'validation' | 'calibration' | 'test', SplitSummary>>;
  readonly test: LabelledRows;
  readonly clusters: Clusters;
  readonly detectors: readonly SystemScores[];
  readonly baselines: readonly SystemScores[];
  readonly curvePoints: number;
  readonly seed: number;
  /** 1 for each test row that occurs nowhere else. */
  readonly isNew: Uint8Array;
  readonly dataChecks: EvaluationDocument['dataChecks'];
  readonly topAnomalies: EvaluationDocument['topAnomalies'];
}

/** What comes out: the document, and the sorted test scores of each detector for the report. */
export interface AssembledEvaluation {
  readonly document: EvaluationDocument;
  readonly grouped: readonly GroupedScores[];
}

/** Computes all figures of an evaluation. The same input gives the same document. */
export function assembleEvaluation(input: EvaluationInput): AssembledEvaluation {
  const days = input.splits.test.time?.days ?? null;
  const evaluate = (system: SystemScores): { result: ResultDocument; grouped: GroupedScores } => {
    const grouped = groupScores(input.test, system.test);
    const secondsToAlert = timeToAlert(input.test, system.test, system.threshold.value);
    const figures = evaluateScores({ ...system, test: grouped, secondsToAlert }, days, input.curvePoints);
    const bootstrap = clusterBootstrap(input.test, system.test, input.clusters, system.threshold.value, input.seed);
    const onNewRows = figuresOnNewRows(input, system);
    return { result: { ...figures, bootstrap, onNewRows }, grouped };
  };
  const detectors = input.detectors.map(evaluate);
  const baselines = input.baselines.map(evaluate);
  const results = detectors.map(({ result }) => result);
  const broken = brokenPromises(results, input.dataChecks, input.splits.calibration.time?.days ?? null);
  const document: EvaluationDocument = {
    format: 'edgeguard.evaluation',
    version: 1,
    pipeline: input.pipeline,
    schema: input.schema,
    splitDigests: input.splitDigests,
    detectorDigests: { ...input.detectorDigests },
    detectorBytes: { ...input.detectorBytes },
    splits: input.splits,
    detectors: results,
    baselines: baselines.map(({ result }) => result),
    agreement: agreement(input, detectors),
    dataChecks: input.dataChecks,
    brokenPromises: broken,
    topAnomalies: input.topAnomalies,
    notes: [...broken, ...notesOn(input)],
  };
  return { document, grouped: detectors.map(({ grouped }) => grouped) };
}

/** Rows of other splits and repetitions become `unknown`, which is counted in no figure. */
function figuresOnNewRows({ test, isNew }: EvaluationInput, system: SystemScores): ResultDocument['onNewRows'] {
  const unknown = labelCode('unknown');
  const label = test.label.map((code, row) => (isNew[row] === 1 ? code : unknown));
  const { normal, attack } = groupScores({ ...test, label }, system.test);
  const { detectionRate, falseAlarmRate } = detectionFigures(confusionAt(system.threshold.value, normal, attack));
  return {
    normal: normal.length,
    attack: attack.length,
    detectionRate,
    falseAlarmRate,
    rocAuc: rocAuc(normal, attack),
    prAuc: averagePrecision(normal, attack),
  };
}

function agreement(
  input: EvaluationInput,
  results: readonly { readonly result: ResultDocument }[],
): EvaluationDocument['agreement'] {
  const [first, second] = input.detectors;
  if (!first || !second) return null;
  const normal = labelCode('normal');
  let same = 0;
  for (let row = 0; row < input.test.rows; row++) {
    if (first.test[row]! > first.threshold.value === second.test[row]! > second.threshold.value) same++;
  }
  const pick = (scores: Float32Array): Float32Array => scores.filter((_, row) => input.test.label[row] === normal);
  const normalRows = input.test.label.reduce((count, label) => count + (label === normal ? 1 : 0), 0);
  const [firstAuc, secondAuc] = results.map(({ result }) => result.oracle.rocAuc);
  const bothAreas = typeof firstAuc === 'number' && typeof secondAuc === 'number';
  return {
    rocAucDifference: bothAreas ? secondAuc - firstAuc : null,
    rankCorrelationOnNormal: normalRows === 0 ? null : rankCorrelation(pick(first.test), pick(second.test)),
    sameDecision: input.test.rows === 0 ? 1 : same / input.test.rows,
  };
}

/** Attack rows below which a rate is little more than an anecdote. */
const FEW_ROWS = 30;

function notesOn({ splits, clusters, dataChecks }: EvaluationInput): string[] {
  const { test } = splits;
  const notes: string[] = [];
  if (test.attack === 0)
    notes.push('The test split holds no attacks: nothing is known about detection, only about false alarms.');
  else if (test.attack < FEW_ROWS)
    notes.push(`The test split holds ${test.attack} attack rows only: detection rates are uncertain.`);
  if (test.normal === 0) notes.push('The test split holds no normal rows: nothing is known about false alarms.');
  if (!test.time) notes.push('Rows have no time: there are no alarms per day, only rates.');
  else if (test.time.days < 1) {
    notes.push(
      `The test split covers ${(test.time.days * 24).toFixed(1)} hours of traffic: alarms per day are projected from that.`,
    );
  }
  const apart = (['collateral', 'unknown'] as const).filter((label) => test[label] > 0);
  if (apart.length > 0) {
    const rows = apart.map((label) => `${test[label]} ${label}`).join(' and ');
    notes.push(`${rows} rows are reported apart and counted in no figure.`);
  }
  const { sharedRows, suspiciousFeatures, timeOrder } = dataChecks;
  const seen = sharedRows.normalSeenBefore + sharedRows.attackSeenBefore;
  if (seen > 0.01 * (test.normal + test.attack)) {
    notes.push(
      `${seen} of the ${test.normal + test.attack} counted test rows have the very features of a row of an earlier split: look at the figures on new rows too.`,
    );
  }
  if (suspiciousFeatures.length > 0) {
    const named = suspiciousFeatures.slice(0, 5).join(', ');
    const more = suspiciousFeatures.length > 5 ? ` and ${suspiciousFeatures.length - 5} more` : '';
    notes.push(
      `${named}${more} alone ${suspiciousFeatures.length === 1 ? 'tells' : 'tell'} attacks from normal rows almost perfectly: check that the data does not give the label away.`,
    );
  }
  if (timeOrder === 'overlapping') {
    notes.push('The splits overlap in time: rows of the same moment may be in train and in test.');
  }
  if (clusters.unit === 'row') {
    notes.push(
      'Bootstrap intervals draw single rows, because nothing says which rows belong together: they may be too narrow.',
    );
  }
  return notes;
}
