import { z } from 'zod';

export const DIGEST_FILE = 'digest.json';

/** A SHA-256 in hex. */
export const Sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in hex');

/**
 * `digest.json`: the digests of a target's outputs and nothing else. The next task hashes this file, so equal output
 * stops a rebuild.
 */
export const DigestSchema = z.strictObject({
  format: z.literal('edgeguard.digest'),
  version: z.literal(1),
  files: z.record(z.string(), Sha256Schema),
});
export type DigestDocument = z.output<typeof DigestSchema>;
