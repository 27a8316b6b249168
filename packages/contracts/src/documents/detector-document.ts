import { z } from 'zod';
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
  scorer: z.strictObject({ kind: ScorerKindSchema, evidenceWeight: z.number().nonnegative() }),
  threshold: ThresholdSchema,
  pValues: PValueTableSchema,
  /** What train rows look like, per feature, raw units: for the words of an explanation. */
  baselines: z.array(
    z.strictObject({ p05: z.number(), p50: z.number(), p95: z.number(), min: z.number(), max: z.number() }),
  ),
  provenance: z.strictObject({
    splits: SplitUsesSchema,
    /** Digests of the files it was made from, by name. */
    inputs: z.record(z.string(), Sha256Schema),
    seed: z.int(),
    versions: z.record(z.string(), z.string()),
  }),
});
export type DetectorDocument = z.output<typeof DetectorSchema>;
