import { PRECISIONS, Sha256Schema } from '@edgeguard/contracts';
import { z } from 'zod';

export const VERIFICATION_FILE = 'verification.json';

/** One thing that the gate looked at: `measured` must be at most, or at least, `limit`. */
const CheckSchema = z.strictObject({
  name: z.string(),
  /** The engine, or `graph` for what holds for the artifact on any engine. */
  engine: z.string(),
  measured: z.number(),
  limit: z.number(),
  must: z.enum(['be at most', 'be at least']),
  passed: z.boolean(),
  /** The worst case, such as the name of a row. */
  where: z.string().optional(),
});
export type VerificationCheck = z.output<typeof CheckSchema>;

const EngineSchema = z.strictObject({
  name: z.string(),
  /** What exactly computed, or why this engine could not. */
  detail: z.string(),
  available: z.boolean(),
});
export type VerifiedEngine = z.output<typeof EngineSchema>;

/** How far a layer of the autoencoder is from the source's. */
const LayerSchema = z.strictObject({
  layer: z.string(),
  /** Element type of what it gives. */
  type: z.string(),
  /** Root mean square difference, as a share of the root mean square of the source's values. */
  relative: z.number(),
  /** Largest difference, as a share of the source's largest magnitude. */
  largest: z.number(),
});
export type LayerDifference = z.output<typeof LayerSchema>;

/** What was found about one artifact. */
const ArtifactSchema = z.strictObject({
  file: z.string(),
  precision: z.enum(PRECISIONS),
  sha256: Sha256Schema,
  modelDigest: Sha256Schema,
  bytes: z.int().positive(),
  /** What the int8 conversion chose, and by what rule. */
  quantisation: z
    .strictObject({
      rule: z.string(),
      /** Layers whose weights are int8 and whose arithmetic is float32. */
      floatArithmetic: z.array(z.string()),
      /** Rank correlation with the float32 scores on held-out train rows, by candidate. */
      candidates: z.record(z.string(), z.number()),
      /** Bytes of the autoencoder's weights and biases in this artifact and in float32. */
      autoencoderBytes: z.strictObject({ int8: z.int(), float32: z.int(), ratio: z.number() }),
    })
    .optional(),
  engines: z.array(EngineSchema),
  checks: z.array(CheckSchema),
  /** From the first layer to the last. */
  layers: z.array(LayerSchema),
  /** Figures that nothing is demanded of. */
  figures: z.record(z.string(), z.number()),
  passed: z.boolean(),
});
export type ArtifactVerification = z.output<typeof ArtifactSchema>;

/**
 * `verification.json`: how far each detector is from the model that was trained, on every engine, and whether that is
 * near enough. Takes no part in digests: what it says may vary with the machine's engines.
 */
export const VerificationSchema = z.strictObject({
  format: z.literal('edgeguard.verification'),
  version: z.literal(1),
  /** What the artifacts are compared with. */
  source: z.string(),
  rows: z.strictObject({
    /** Calibration rows whose decisions were compared between engines. */
    calibration: z.int().nonnegative(),
    /** Calibration rows that were compared with the source, spread evenly over all. */
    compared: z.int().nonnegative(),
    adversarial: z.int().nonnegative(),
  }),
  artifacts: z.array(ArtifactSchema),
});
export type VerificationDocument = z.output<typeof VerificationSchema>;
