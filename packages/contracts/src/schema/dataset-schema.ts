import { createHash } from 'node:crypto';
import { type Column, type FeatureColumn, isFeature } from './column.ts';

/** The columns of a dataset in file order, under a name such as `flow-packets` and a version of its meaning. */
export interface DatasetSchema {
  readonly name: string;
  readonly version: number;
  readonly columns: readonly (Column | FeatureColumn)[];
}

/** The model inputs, in schema order: the order of the detector's input vector. */
export function featuresOf(schema: DatasetSchema): FeatureColumn[] {
  return schema.columns.filter(isFeature);
}

/**
 * SHA-256 (hex) over names, order, roles, kinds and units of the features. Vocabularies are left out: the transform
 * learns them from train rows. Two datasets with equal hashes can be scored by the same detector.
 */
export function schemaHash(features: readonly FeatureColumn[]): string {
  const meaning = features.map((f) => [f.name, f.role, f.kind, f.unit]);
  return createHash('sha256').update(JSON.stringify(meaning)).digest('hex');
}
