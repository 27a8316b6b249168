import { z } from 'zod';
import { FeatureSchemaSchema } from './feature-column.ts';
import { SplitUsesSchema } from './split-uses.ts';

const NumbersSchema = z.array(z.number());

/** x := min(max(x, low), high), in raw units: keeps later operations finite. One bound per feature. */
const ClipSchema = z.strictObject({ kind: z.literal('clip'), low: NumbersSchema, high: NumbersSchema });

/** x := log(1 + x * rate) where rate > 0; x stays where rate is 0. `rate` is 1/s with s in the feature's unit. */
const LogSchema = z.strictObject({ kind: z.literal('log1p'), rate: NumbersSchema });

/** x := x * multiply + add. */
const AffineSchema = z.strictObject({ kind: z.literal('affine'), multiply: NumbersSchema, add: NumbersSchema });

/**
 * x := y with y = min(max(x, low), high); what is cut off is evidence: excess[f] += |x - y|.
 * For standardised features the excess is in standard deviations of train.
 */
const SaturateSchema = z.strictObject({ kind: z.literal('saturate'), low: NumbersSchema, high: NumbersSchema });

/**
 * Replaces category codes by one-hot blocks: the output is every other column in order, then for each block the values
 * max(0, 1 - |x - k|) for k = 1..size. An unknown code gives zeros, and excess[f] += unknownExcess.
 * Always the last operation; absent when there is no category.
 */
const OneHotSchema = z.strictObject({
  kind: z.literal('one-hot'),
  blocks: z.array(z.strictObject({ feature: z.int().nonnegative(), size: z.int().positive() })).min(1),
  unknownExcess: z.number().nonnegative(),
});

/** One step of a transform, on a row of F features in schema order, in float32. */
export const TransformOperationSchema = z.discriminatedUnion('kind', [
  ClipSchema,
  LogSchema,
  AffineSchema,
  SaturateSchema,
  OneHotSchema,
]);
export type TransformOperation = z.output<typeof TransformOperationSchema>;

/** `transform.json`: raw rows [F] to model inputs [D] and excess [F]. Fitted on train rows. */
export const TransformSchema = z.strictObject({
  format: z.literal('edgeguard.transform'),
  version: z.literal(1),
  schema: FeatureSchemaSchema,
  /** For each category feature the values that codes 1..n stand for. */
  vocabularies: z.record(z.string(), z.array(z.string())),
  operations: z.array(TransformOperationSchema),
  /** For each model input the index of the feature that it comes from. */
  outputs: z.array(z.int().nonnegative()),
  /** Five numbers of each feature on train rows, raw units: what `expected ranges` and profiles show. */
  profile: z.array(
    z.strictObject({ p05: z.number(), p50: z.number(), p95: z.number(), min: z.number(), max: z.number() }),
  ),
  splits: SplitUsesSchema,
});
export type TransformDocument = z.output<typeof TransformSchema>;
