export {
  COLUMN_KINDS,
  COLUMN_ROLES,
  COLUMN_TYPES,
  type Column,
  type ColumnKind,
  type ColumnRole,
  type ColumnType,
  type FeatureColumn,
  isFeature,
  type Label,
  LABELS,
} from './schema/column.ts';
export { type DatasetSchema, featuresOf, schemaHash } from './schema/dataset-schema.ts';
export { UsageError, UserError } from './user-error.ts';
export { counted } from './counted.ts';
export { printable } from './printable.ts';
export { assertReplaceable } from './files/assert-replaceable.ts';
export { fileProblem } from './files/file-problem.ts';
export { sha256, sha256OfFile } from './files/sha256.ts';
export { writeAtomically } from './files/write-atomically.ts';
export { OutputFolder } from './files/output-folder.ts';
export { formatJson, parseJson, readJson } from './documents/json.ts';
export { DIGEST_FILE, type DigestDocument, DigestSchema, Sha256Schema } from './documents/digest.ts';
export { MANIFEST_FILE, type ManifestDocument, ManifestSchema } from './documents/manifest.ts';
export {
  SPLIT_PURPOSES,
  type SplitPurpose,
  type SplitUses,
  SplitUsesSchema,
  useSplit,
} from './documents/split-uses.ts';
export { FeatureColumnSchema, type FeatureSchemaDocument, FeatureSchemaSchema } from './documents/feature-column.ts';
export {
  type TransformDocument,
  type TransformOperation,
  TransformOperationSchema,
  TransformSchema,
} from './documents/transform-document.ts';
export { type ScorerDocument, ScorerSchema } from './documents/scorer-document.ts';
export { type DistanceConfig, type DistanceDocument, DistanceSchema } from './documents/distance-document.ts';
export { penaltyOf, penaltySlope, type ResidualPenalty } from './documents/residual-penalty.ts';
export {
  type PValueTableDocument,
  PValueTableSchema,
  type ThresholdDocument,
  ThresholdSchema,
} from './documents/threshold-document.ts';
export {
  type BlocksDocument,
  type CalibrationDocument,
  type CategoryScoresDocument,
  type DriftBaselineDocument,
  type EpisodeCurveDocument,
  type TailDocument,
} from './documents/calibration-document.ts';
export { type MeteringSettings, MeteringSettingsSchema } from './documents/metering-settings.ts';
export {
  DETECTOR_FILE,
  type DetectorDocument,
  DetectorSchema,
  type NormalGroup,
  type Precision,
  PRECISIONS,
} from './documents/detector-document.ts';
export {
  type CaptureSourceConfig,
  type FlowLogSourceConfig,
  type SourceConfig,
  SourceConfigSchema,
  type SyntheticSourceConfig,
} from './config/source-config.ts';
export { type TableColumnConfig, type TableSourceConfig, TableSourceSchema } from './config/table-source-config.ts';
export {
  type CollectConfig,
  CONFIG_FILE,
  type ConvertConfig,
  defaultSplit,
  type DetectConfig,
  type EvaluateConfig,
  type PipelineConfig,
  PipelineConfigSchema,
  type PreprocessConfig,
  type SplitConfig,
  type SplitShares,
  type TrainConfig,
  type TransformConfig,
} from './config/pipeline-config.ts';
export type { ScorerConfig } from './config/scorer-config.ts';
