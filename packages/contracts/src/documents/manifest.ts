import { z } from 'zod';
import { Sha256Schema } from './digest.ts';

export const MANIFEST_FILE = 'manifest.json';

/** `manifest.json`: where a target's outputs came from. Holds no time, path or duration. */
export const ManifestSchema = z.strictObject({
  format: z.literal('edgeguard.manifest'),
  version: z.literal(1),
  stage: z.string(),
  /** The section of the config that the stage read, with defaults filled in. */
  config: z.unknown(),
  seed: z.int(),
  /** Digest of every input file, by the name it has for the stage. */
  inputs: z.record(z.string(), Sha256Schema),
  outputs: z.record(z.string(), Sha256Schema),
  /** Rows of each dataset that was written. */
  rows: z.record(z.string(), z.int().nonnegative()),
  /** What was left out, by reason. */
  dropped: z.record(z.string(), z.int().nonnegative()),
  /** Versions of what decided the result. */
  versions: z.record(z.string(), z.string()),
  /** What a reader should know: a truncated capture, a budget that could not be met. */
  notes: z.array(z.string()),
});
export type ManifestDocument = z.output<typeof ManifestSchema>;
