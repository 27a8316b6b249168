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
