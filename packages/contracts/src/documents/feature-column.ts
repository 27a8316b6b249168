import { z } from 'zod';
import { COLUMN_KINDS } from '../schema/column.ts';
import { Sha256Schema } from './digest.ts';

/** A {@link FeatureColumn} in a JSON document. */
export const FeatureColumnSchema = z.strictObject({
  name: z.string().min(1),
  role: z.literal('feature'),
  type: z.enum(['float32', 'utf8']),
  kind: z.enum(COLUMN_KINDS),
  unit: z.string(),
  logScale: z.number().positive().optional(),
  categories: z.array(z.string()).readonly().optional(),
  description: z.string().optional(),
  family: z.string().optional(),
  formula: z.string().optional(),
  range: z.tuple([z.number().nullable(), z.number().nullable()]).readonly().optional(),
});

/** The feature schema that an artifact was made for. */
export const FeatureSchemaSchema = z.strictObject({
  name: z.string(),
  version: z.int().positive(),
  /** `schemaHash` of the features. */
  hash: Sha256Schema,
  features: z.array(FeatureColumnSchema).min(1),
});
export type FeatureSchemaDocument = z.output<typeof FeatureSchemaSchema>;
