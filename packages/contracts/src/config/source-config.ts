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

/** What becomes of packets: records with all that packets tell, or flows with what every flow source can tell. */
const PacketSchemaSchema = z.enum(['flow-packets', 'flow-core']).default('flow-packets');

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
  schema: PacketSchemaSchema,
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
  schema: PacketSchemaSchema,
});

/** Logs of flows that a sensor has metered. They become rows of `flow-core`. */
export const FlowLogSourceSchema = z.strictObject({
  kind: z.literal('flow-logs'),
  /** Files or glob patterns, plain or packed. Relative paths start at `root`. */
  paths: z.array(z.string()).min(1),
  /** `pipeline`: the folder of the config. `data`: the folder that EDGEGUARD_DATA names. */
  root: z.enum(['pipeline', 'data']).default('pipeline'),
  /** Zeek's conn.log (TSV or JSON lines), Suricata's EVE log, an IPFIX file. `auto` tells the first two by their first line. */
  format: z.enum(['auto', 'zeek', 'suricata', 'ipfix']).default('auto'),
  /**
   * `log`: ground truth from the columns `label` and `detailedlabel` of a labelled conn.log: benign is normal, malicious an
   * attack of the name that `detailedlabel` gives, anything else unknown. Rows without are what `assume` says. `none`: all are.
   */
  labels: z.enum(['log', 'none']).default('log'),
  assume: z.enum(['normal', 'unknown']).default('unknown'),
  /** All logs are one stream in the order given, as rotated logs of one sensor are, or each is one by itself. */
  merge: z.boolean().default(true),
});

/** Traffic: sources of packets, and of flows that a sensor has metered. */
export const SourceConfigSchema = z.discriminatedUnion('kind', [
  SyntheticSourceSchema,
  CaptureSourceSchema,
  FlowLogSourceSchema,
]);
export type SourceConfig = z.output<typeof SourceConfigSchema>;
export type SyntheticSourceConfig = z.output<typeof SyntheticSourceSchema>;
export type CaptureSourceConfig = z.output<typeof CaptureSourceSchema>;
export type FlowLogSourceConfig = z.output<typeof FlowLogSourceSchema>;

/** All that `collect` can read: traffic, logs of flows, and tables of rows that something else has metered. */
export const CollectSourceConfigSchema = z.discriminatedUnion('kind', [
  SyntheticSourceSchema,
  CaptureSourceSchema,
  FlowLogSourceSchema,
  TableSourceSchema,
]);
