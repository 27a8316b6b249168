/**
 * What a column means to the pipeline. Everything after `collect` is driven by roles and knows no column by name.
 *
 * - `feature`: a model input
 * - `label`: ground truth: one of {@link LABELS} in the column `label`, the attack's name in the column `attack`
 * - `time`: the instant of the row, in traffic time
 * - `identity`: who the row is about; shown in alerts, never a model input
 * - `split`: names the split or the group that a row belongs to
 * - `ignore`: carried along, used by nothing
 */
export const COLUMN_ROLES = ['feature', 'label', 'time', 'identity', 'split', 'ignore'] as const;
export type ColumnRole = (typeof COLUMN_ROLES)[number];

/** What kind of quantity a feature is; it decides the default transform. */
export const COLUMN_KINDS = ['count', 'bytes', 'seconds', 'ratio', 'flag', 'category'] as const;
export type ColumnKind = (typeof COLUMN_KINDS)[number];

/** Physical types of columns, by their Arrow names. `timestamp` is int64 nanoseconds since the Unix epoch, UTC. */
export const COLUMN_TYPES = ['float32', 'float64', 'uint8', 'uint16', 'uint32', 'int64', 'timestamp', 'utf8'] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];

/** The four states of ground truth. Only `normal` trains; only `normal` and `attack` are counted in evaluation. */
export const LABELS = ['normal', 'attack', 'collateral', 'unknown'] as const;
export type Label = (typeof LABELS)[number];

/** A column of a dataset. */
export interface Column {
  readonly name: string;
  readonly role: ColumnRole;
  readonly type: ColumnType;
}

/**
 * A model input. Numeric features are `float32`; a category is either `float32` codes (1..n, 0 is unknown) with
 * `categories` naming them in order, or `utf8`, whose vocabulary the transform learns from train rows.
 */
export interface FeatureColumn extends Column {
  readonly role: 'feature';
  readonly type: 'float32' | 'utf8';
  readonly kind: ColumnKind;
  /** UCUM unit: `s`, `By`, `1`, `{packet}`, `{flow}`, `By/s`, … */
  readonly unit: string;
  /** For kinds that scale as log1p(x / s): the s, in the feature's unit. Absent: the transform's default for the kind. */
  readonly logScale?: number;
  /** Names of codes 1..n of a `float32` category. */
  readonly categories?: readonly string[];
  /** One sentence for people, e.g. in an explanation: "distinct destination ports contacted by the source in 60 s". */
  readonly description?: string;
  /** Group for explanations: `volume`, `timing`, `flags`, `source-window`, … */
  readonly family?: string;
  /** How the value is computed. */
  readonly formula?: string;
  /** Smallest and largest possible value, in the feature's unit; `null` is unbounded. */
  readonly range?: readonly [number | null, number | null];
}

/** True for a model input. */
export function isFeature(column: Column): column is FeatureColumn {
  return column.role === 'feature';
}
