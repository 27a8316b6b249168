import { z } from 'zod';
import { TableSourceSchema } from './table-source-config.ts';

/** Attacks that the synthetic generator can add; the generator's own list gives their meaning. */
const AttackSchema = z.strictObject({
  kind: z.string(),
  /** Seconds after the start of the traffic. */
  startSeconds: z.number().nonnegative(),
  durationSeconds: z.number().positive(),
  /** 1 is the generator's usual rate. */
  intensity: z.number().positive().default(1),
});

/** Traffic that EdgeGuard makes up, packet by packet. */
export const SyntheticSourceSchema = z.strictObject({
  kind: z.literal('synthetic'),
  /** Seconds since the Unix epoch of the first packet. */
  startTime: z.int().nonnegative().default(1_767_571_200),
  durationSeconds: z.number().positive(),
  hosts: z.int().min(4).max(200).default(30),
  /** 1 is the generator's usual activity per host. */
  activity: z.number().positive().default(1),
  attacks: z.array(AttackSchema).default([]),
});

/** Capture files. */
export const CaptureSourceSchema = z.strictObject({
  kind: z.literal('captures'),
  /** Files or glob patterns. Relative paths start at `root`. */
  paths: z.array(z.string()).min(1),
  /** `pipeline`: the folder of the config. `data`: the folder that EDGEGUARD_DATA names. */
  root: z.enum(['pipeline', 'data']).default('pipeline'),
  /** A labels.arrow; without one every flow is what `assume` says. */
  labels: z.string().optional(),
  assume: z.enum(['normal', 'unknown']).default('unknown'),
  /** Meter all captures as one stream in the order given, or each by itself. */
  merge: z.boolean().default(false),
});

/** Traffic: sources of packets. */
export const SourceConfigSchema = z.discriminatedUnion('kind', [SyntheticSourceSchema, CaptureSourceSchema]);
export type SourceConfig = z.output<typeof SourceConfigSchema>;
export type SyntheticSourceConfig = z.output<typeof SyntheticSourceSchema>;
export type CaptureSourceConfig = z.output<typeof CaptureSourceSchema>;

/** All that `collect` can read: traffic, and tables of rows that something else has metered. */
export const CollectSourceConfigSchema = z.discriminatedUnion('kind', [
  SyntheticSourceSchema,
  CaptureSourceSchema,
  TableSourceSchema,
]);
