export { type BlockBudget, blockMaxima, blockThreshold, type BlockThreshold } from './threshold/block-threshold.ts';
export { type AlarmBudget, conformalThreshold, largestRank, rowsNeeded } from './threshold/conformal-threshold.ts';
export { falseAlarmBound } from './threshold/false-alarm-bound.ts';
export { binomialUpperTail, regularizedIncompleteBeta } from './threshold/incomplete-beta.ts';
export { pValue, pValueTable } from './threshold/p-value-table.ts';
export {
  fitTail,
  type TailModel,
  type TailOptions,
  tailProbability,
  type TailQuantile,
  tailQuantile,
} from './threshold/tail-model.ts';
export { rankCorrelation } from './score/rank-correlation.ts';
export { DistanceScorer } from './score/distance-scorer.ts';
export { ResidualScorer } from './score/residual-scorer.ts';
export {
  type Contribution,
  type Evidence,
  type ExplainedRow,
  Explainer,
  type ExplainOptions,
  explainRow,
  type FamilyShare,
} from './explanation/explain-row.ts';
export {
  type Change,
  type Counterfactual,
  type CounterfactualOptions,
  findCounterfactual,
} from './explanation/counterfactual.ts';
export { type RowScorer, scoreDrops } from './explanation/score-drops.ts';
export { formatQuantity } from './explanation/format-quantity.ts';
export { Detector, type DetectorOptions, type Explanations, openDetector } from './detector/detector.ts';
export { type DetectorFile, readDetectorFile, writeDetectorFile } from './detector/detector-file.ts';
export { RowRunner } from './detector/row-runner.ts';
export { type EpisodeAlert, type EpisodeScope, type EpisodeSeverity, type EpisodeSummary } from './episodes/episode.ts';
export {
  type CloseReason,
  type EpisodeEvent,
  type EpisodeOptions,
  EpisodeTracker,
} from './episodes/episode-tracker.ts';
export { type Vote, VoteTable } from './episodes/vote-table.ts';
export { type Budget, parseBudget } from './policy/budget.ts';
export {
  type BudgetLine,
  budgetTable,
  categoryLine,
  type LabelledScores,
  USUAL_BUDGETS,
} from './policy/budget-table.ts';
export { type ChoiceOptions, chooseThreshold, type ThresholdChoice } from './policy/choose-threshold.ts';
export {
  type ChangeNote,
  changePolicy,
  type PolicyChange,
  type PolicyDocument,
  PolicySchema,
  type PolicySubject,
  readPolicy,
  rowThresholds,
  thresholdInForce,
  writePolicy,
} from './policy/policy-file.ts';
export { type Finding, FINDING_TYPES, type FindingType, FindingClassifier } from './finding/finding-type.ts';
export {
  type CategoryOptions,
  type CategoryThreshold,
  type CategoryThresholds,
  chooseCategoryThresholds,
  LOOSEST,
} from './policy/category-thresholds.ts';
export { RowThresholds } from './policy/row-thresholds.ts';
export {
  countEpisodes,
  type EpisodeBudget,
  episodeCurve,
  episodesPerDay,
  episodeThreshold,
  type EpisodeThreshold,
  poissonUpperBound,
} from './episodes/episode-budget.ts';
export {
  createSecretKey,
  formatPublicKey,
  formatSecretKey,
  parsePublicKey,
  parseSecretKey,
  type PublicKey,
  publicKeyText,
  type SecretKey,
} from './signature/keys.ts';
export {
  parseSignature,
  type Signature,
  SIGNATURE_SUFFIX,
  signContent,
  verifySignature,
} from './signature/signature.ts';
export {
  readPublicKey,
  readSecretKey,
  signFile,
  type SignOptions,
  verifyFile,
  writeKeyPair,
} from './signature/signature-files.ts';
export {
  emptySuppressions,
  readSuppressions,
  type SuppressionMatch,
  type SuppressionRule,
  type SuppressionsDocument,
  SuppressionsSchema,
  WEEKDAYS,
  writeSuppressions,
} from './suppression/suppression-file.ts';
export { type RuleCount, type SuppressionSubject, Suppressor } from './suppression/suppressor.ts';
export { appendVerdict, readVerdicts, type Verdict, VERDICTS, VerdictSchema } from './verdict/verdict-file.ts';
export { rulesFromVerdicts, type RuleTerms } from './verdict/rules-from-verdicts.ts';
export { EpisodeRecorder } from './episodes/episode-recorder.ts';
export { type CategoryCodes, categoryScores } from './calibration/category-scores.ts';
export { dayBlocks } from './calibration/day-blocks.ts';
export { type ObservedTime, observedTime } from './calibration/observed-time.ts';
export { describeTail, tailModel } from './calibration/tail-document.ts';
export { DriftBaselineBuilder, driftBlockRows } from './drift/drift-baseline.ts';
export { directionFeatures } from './drift/one-way.ts';
export { codeEdges, decileEdges, FeatureBins } from './drift/feature-bins.ts';
export { Adwin, type AdwinCut } from './drift/adwin.ts';
export type { AlarmEnds } from './drift/alarm-rate.ts';
export { DriftMonitor } from './drift/drift-monitor.ts';
export {
  describeChange,
  DRIFT_STATES,
  type DriftChange,
  type DriftReport,
  type DriftSignal,
  type DriftState,
} from './drift/drift-report.ts';
