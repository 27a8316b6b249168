export {
  type AssembledEvaluation,
  assembleEvaluation,
  type EvaluationInput,
  type SystemScores,
} from './assemble-evaluation.ts';
export type { EpisodesOnTest } from './budgets.ts';
export { type Baseline, type FitBaseline, unclipped } from './baselines/baseline.ts';
export { fitPca } from './baselines/pca.ts';
export { type TrainStatistics, TrainStatisticsBuilder } from './baselines/train-statistics.ts';
export { fitZScore } from './baselines/z-score.ts';
export { atThreshold, evaluateScores, type ScoredSystem } from './evaluate-scores.ts';
export {
  type EvaluationDocument,
  EvaluationSchema,
  type ResultDocument,
  type SplitSummary,
} from './evaluation-document.ts';
export {
  type Confusion,
  confusionAt,
  type DetectionFigures,
  detectionFigures,
  type Rate,
  rate,
} from './metrics/confusion.ts';
export { type GroupedScores, groupScores, labelCode, type LabelledRows } from './metrics/labelled-rows.ts';
export { type OperatingCurve, operatingCurve } from './metrics/operating-curve.ts';
export { averagePrecision, eachOperatingPoint, oracleDetectionRate, rocAuc } from './metrics/ranking.ts';
export { countAbove, quantile, type Scores, sortScores } from './metrics/scores.ts';
export { type Interval, wilsonInterval } from './metrics/wilson-interval.ts';
export { type BootstrapIntervals, clusterBootstrap } from './metrics/cluster-bootstrap.ts';
export { type Clusters, clusterRows, type ClusterUnit } from './metrics/clusters.ts';
export { embeddedJson, escapeHtml, Html, html } from './report/escape.ts';
export { scrollingTable } from './report/result-tables.ts';
export { PAGE_STYLE } from './report/style.ts';
export { type CardLine } from './report/model-card.ts';
export { renderReport, type ReportInput } from './report/report.ts';
export { type DetectorScores, reportData } from './report/report-data.ts';
export { fitBaselines } from './baselines/baselines.ts';
export { trafficRules } from './baselines/traffic-rules.ts';
export { evaluationStage } from './stage/evaluation-stage.ts';
export { timeToAlert } from './metrics/time-to-alert.ts';
