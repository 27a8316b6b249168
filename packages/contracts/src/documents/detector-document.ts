import { z } from 'zod';
import { CalibrationSchema } from './calibration-document.ts';
import { Sha256Schema } from './digest.ts';
import { FeatureSchemaSchema } from './feature-column.ts';
import { MeteringSettingsSchema } from './metering-settings.ts';
import { ScorerKindSchema } from './residual-penalty.ts';
import { SplitUsesSchema } from './split-uses.ts';
import { PValueTableSchema, ThresholdSchema } from './threshold-document.ts';

export const PRECISIONS = ['float32', 'int8'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** Name of the associated file inside a detector. */
export const DETECTOR_FILE = 'detector.json';

/**
 * What train rows that are alike have in common, in raw units, one value per feature: the 5th, 50th and 95th percentile,
 * for categories three times the most frequent code. Nobody can be told from it: it holds features alone, and each value
 * stands for many rows.
 */
export const NormalGroupSchema = z.strictObject({
  rows: z.int().positive(),
  low: z.array(z.number()),
  middle: z.array(z.number()),
  high: z.array(z.number()),
});
export type NormalGroup = z.output<typeof NormalGroupSchema>;

/** `detector.json`: all that a runtime must know about a detector beside its graph. */
export const DetectorSchema = z.strictObject({
  format: z.literal('edgeguard.detector'),
  version: z.literal(1),
  name: z.string(),
  precision: z.enum(PRECISIONS),
  schema: FeatureSchemaSchema,
  vocabularies: z.record(z.string(), z.array(z.string())),
  /** For detectors of packets: how to meter. */
  metering: MeteringSettingsSchema.optional(),
  scorer: z.strictObject({
    kind: ScorerKindSchema,
    evidenceWeight: z.number().nonnegative(),
    /** Where a distance to normal is part of the score: its centres, and the weights of both parts. */
    distance: z
      .strictObject({
        centres: z.int().positive(),
        weight: z.number().positive(),
        residualWeight: z.number().nonnegative(),
      })
      .optional(),
  }),
  threshold: ThresholdSchema,
  pValues: PValueTableSchema,
  /** Evidence for other budgets, for severity and for drift. Detectors made before it was kept have none. */
  calibration: CalibrationSchema.optional(),
  /** What train rows look like, per feature, raw units: for the words of an explanation. */
  baselines: z.array(
    z.strictObject({
      p05: z.number(),
      p50: z.number(),
      p95: z.number(),
      min: z.number(),
      max: z.number(),
      /** Beyond these the transform cuts values off and counts evidence; absent for categories. */
      cutBelow: z.number().optional(),
      cutAbove: z.number().optional(),
    }),
  ),
  /** Groups of alike train rows: the range to expect of a feature beside the others of its row. */
  normals: z.array(NormalGroupSchema).optional(),
  provenance: z.strictObject({
    splits: SplitUsesSchema,
    /** Digests of the files it was made from, by name. */
    inputs: z.record(z.string(), Sha256Schema),
    seed: z.int(),
    versions: z.record(z.string(), z.string()),
  }),
});
export type DetectorDocument = z.output<typeof DetectorSchema>;
