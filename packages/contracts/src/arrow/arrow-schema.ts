import * as arrow from 'apache-arrow';
import {
  COLUMN_KINDS,
  COLUMN_ROLES,
  COLUMN_TYPES,
  type Column,
  type ColumnType,
  type FeatureColumn,
  isFeature,
} from '../schema/column.ts';
import type { DatasetSchema } from '../schema/dataset-schema.ts';

/** Rows per record batch in every dataset that EdgeGuard writes. */
export const ROWS_PER_BATCH = 65_536;

const ARROW_TYPES: Record<ColumnType, () => arrow.DataType> = {
  float32: () => new arrow.Float32(),
  float64: () => new arrow.Float64(),
  uint8: () => new arrow.Uint8(),
  uint16: () => new arrow.Uint16(),
  uint32: () => new arrow.Uint32(),
  int64: () => new arrow.Int64(),
  timestamp: () => new arrow.TimestampNanosecond('UTC'),
  utf8: () => new arrow.Utf8(),
};

/** The Arrow schema of a dataset: non-nullable fields with `edgeguard.*` metadata. */
export function toArrowSchema(schema: DatasetSchema, metadata: Readonly<Record<string, string>> = {}): arrow.Schema {
  const fields = schema.columns.map(
    (column) => new arrow.Field(column.name, ARROW_TYPES[column.type](), false, fieldMetadata(column)),
  );
  const entries = new Map<string, string>([
    ['edgeguard.schema', schema.name],
    ['edgeguard.schemaVersion', String(schema.version)],
    ...Object.entries(metadata),
  ]);
  return new arrow.Schema(fields, entries);
}

function fieldMetadata(column: Column | FeatureColumn): Map<string, string> {
  const metadata = new Map<string, string>([
    ['edgeguard.role', column.role],
    ['edgeguard.type', column.type],
  ]);
  if (!isFeature(column)) return metadata;
  metadata.set('edgeguard.kind', column.kind).set('edgeguard.unit', column.unit);
  if (column.logScale !== undefined) metadata.set('edgeguard.logScale', String(column.logScale));
  if (column.categories) metadata.set('edgeguard.categories', JSON.stringify(column.categories));
  if (column.description) metadata.set('edgeguard.description', column.description);
  if (column.family) metadata.set('edgeguard.family', column.family);
  if (column.formula) metadata.set('edgeguard.formula', column.formula);
  if (column.range) metadata.set('edgeguard.range', JSON.stringify(column.range));
  return metadata;
}

/** Thrown inside the reader and turned into a UserError that names the file. */
export class SchemaProblem extends Error {}

/** The dataset schema that an Arrow schema carries in its metadata. */
export function fromArrowSchema(schema: arrow.Schema): DatasetSchema {
  const name = schema.metadata.get('edgeguard.schema');
  const version = Number(schema.metadata.get('edgeguard.schemaVersion'));
  if (!name || !Number.isInteger(version)) throw new SchemaProblem('it has no edgeguard.schema metadata');
  return { name, version, columns: schema.fields.map(columnOf) };
}

function columnOf(field: arrow.Field): Column | FeatureColumn {
  const role = oneOf(COLUMN_ROLES, field, 'edgeguard.role');
  const type = oneOf(COLUMN_TYPES, field, 'edgeguard.type');
  if (!arrow.util.compareTypes(field.type, ARROW_TYPES[type]())) {
    throw new SchemaProblem(`column ${field.name} is said to be ${type} but holds ${String(field.type)}`);
  }
  if (role !== 'feature') return { name: field.name, role, type };
  if (type !== 'float32' && type !== 'utf8') {
    throw new SchemaProblem(`feature ${field.name} has type ${type}; features are float32, categories may be utf8`);
  }
  const logScale = field.metadata.get('edgeguard.logScale');
  const categories = jsonOf<string[]>(field, 'edgeguard.categories');
  const range = jsonOf<[number | null, number | null]>(field, 'edgeguard.range');
  const description = field.metadata.get('edgeguard.description');
  const family = field.metadata.get('edgeguard.family');
  const formula = field.metadata.get('edgeguard.formula');
  return {
    name: field.name,
    role,
    type,
    kind: oneOf(COLUMN_KINDS, field, 'edgeguard.kind'),
    unit: field.metadata.get('edgeguard.unit') ?? '1',
    ...(logScale === undefined ? {} : { logScale: Number(logScale) }),
    ...(categories ? { categories } : {}),
    ...(description ? { description } : {}),
    ...(family ? { family } : {}),
    ...(formula ? { formula } : {}),
    ...(range ? { range } : {}),
  };
}

function oneOf<T extends string>(allowed: readonly T[], field: arrow.Field, key: string): T {
  const value = field.metadata.get(key);
  const found = allowed.find((candidate) => candidate === value);
  if (!found)
    throw new SchemaProblem(`column ${field.name} has ${key} "${value ?? ''}", not one of ${allowed.join(', ')}`);
  return found;
}

function jsonOf<T>(field: arrow.Field, key: string): T | undefined {
  const text = field.metadata.get(key);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new SchemaProblem(`column ${field.name} has ${key} that is not JSON`);
  }
}
