import type { EvaluationDocument, ResultDocument } from '../evaluation-document.ts';
import type { GroupedScores, LabelledRows } from '../metrics/labelled-rows.ts';
import type { EpisodesOnTest } from '../budgets.ts';
import { type Scores, sortScores } from '../metrics/scores.ts';
import type { CurveView, DetectorView, GroupView, ReportData, TrainingView } from '../report-client/report-data.ts';
import { type AttackGroups, groupAttacks } from './attack-groups.ts';
import { histogram, histogramEdges } from './histogram.ts';
import { thresholdGrid } from './threshold-grid.ts';
import { timeline } from './timeline.ts';

/** The scores of one detector, as the report needs them. */
export interface DetectorScores {
  readonly result: ResultDocument;
  /** Normal rows, ascending. */
  readonly train: Scores;
  readonly calibration: Scores;
  readonly grouped: GroupedScores;
  /** Scores of the test rows in file order. */
  readonly test: Float32Array;
  readonly episodes: EpisodesOnTest | null;
}

/** Thins scores and curves to what a page can hold and draw. */
export function reportData(
  evaluation: EvaluationDocument,
  detectors: readonly DetectorScores[],
  rows: LabelledRows,
  training: TrainingView | null,
): ReportData {
  const groups = groupAttacks(rows);
  const days = evaluation.splits.test.time?.days ?? null;
  const hasBoth = evaluation.splits.test.attack > 0 && evaluation.splits.test.normal > 0;
  return {
    detectors: detectors.map((one) => detectorView(one, rows, groups, days)),
    curves: hasBoth
      ? [
          ...evaluation.detectors.map((result) => curveView(result, true)),
          ...evaluation.baselines.map((result) => curveView(result, false)),
        ]
      : [],
    training,
  };
}

function detectorView(
  scores: DetectorScores,
  rows: LabelledRows,
  groups: AttackGroups,
  days: number | null,
): DetectorView {
  const { result, train, calibration, grouped } = scores;
  const attackLists = groups.names.map((_, group) =>
    joinSorted(
      [...grouped.perAttack].filter(([name]) => groupNamed(rows, groups, name) === group).map(([, list]) => list),
    ),
  );
  const edges = histogramEdges([train, calibration, grouped.normal, ...attackLists], result.threshold.value);
  const view = (name: string, kind: GroupView['kind'], list: Scores): GroupView => ({
    name,
    kind,
    rows: list.length,
    counts: histogram(list, edges),
  });
  const all = [
    view('train, normal', 'train', train),
    view('calibration, normal', 'calibration', calibration),
    view('test, normal', 'normal', grouped.normal),
    ...attackLists.map((list, group) => view(groups.names[group]!, 'attack', list)),
  ];
  return {
    name: result.name,
    confidence: result.threshold.confidence,
    groups: all.filter((group) => group.rows > 0),
    edges,
    grid: thresholdGrid(result.threshold, calibration, grouped, days, scores.episodes),
    timeline: timeline(rows, scores.test, groups),
    episodes: (result.episodes?.spans ?? []).map(({ first, last, alerts, label, attack }) => ({
      from: seconds(first),
      to: seconds(last),
      alerts,
      group: label === 'normal' ? 0 : label === 'attack' ? 1 + groupNamed(rows, groups, attack) : -1,
    })),
  };
}

function seconds(nanoseconds: string): number {
  return Number(BigInt(nanoseconds) / 1_000_000n) / 1000;
}

function groupNamed(rows: LabelledRows, groups: AttackGroups, attack: string): number {
  return groups.groupOf[rows.attackNames.indexOf(attack)]!;
}

function joinSorted(lists: readonly Scores[]): Scores {
  const joined = new Float32Array(lists.reduce((sum, list) => sum + list.length, 0));
  let at = 0;
  for (const list of lists) {
    joined.set(list, at);
    at += list.length;
  }
  return sortScores(joined);
}

function curveView(result: ResultDocument, isDetector: boolean): CurveView {
  const { normalRows, attackRows, falseAlarms, detections } = result.oracle.curve;
  const { atThreshold } = result;
  return {
    name: result.name,
    isDetector,
    falseAlarmRate: falseAlarms.map((rows) => rows / normalRows),
    detectionRate: detections.map((rows) => rows / attackRows),
    precision: detections.map((rows, i) => rows / (rows + falseAlarms[i]!)),
    finest: 1 / normalRows,
    rocBand: isDetector ? result.bootstrap.rocBand : null,
    prBand: isDetector ? result.bootstrap.prBand : null,
    shipped: {
      falseAlarmRate: atThreshold.falseAlarmRate!.value,
      detectionRate: atThreshold.detectionRate!.value,
      precision: atThreshold.precision,
    },
  };
}
