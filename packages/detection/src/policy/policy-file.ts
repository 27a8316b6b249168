import {
  type DetectorDocument,
  formatJson,
  PRECISIONS,
  readJson,
  Sha256Schema,
  UserError,
  writeAtomically,
} from '@edgeguard/contracts';
import { z } from 'zod';
import type { CategoryThresholds } from './category-thresholds.ts';
import { BASES, type ThresholdChoice } from './choose-threshold.ts';
import { RowThresholds } from './row-thresholds.ts';

/** Thresholds by category, as far as a runtime needs them and people ask for them. */
const CategoriesSchema = z.strictObject({
  feature: z.string().min(1),
  loosest: z.number().min(1),
  confidence: z.number().positive().max(1),
  groups: z.array(
    z.strictObject({
      code: z.int().positive(),
      category: z.string(),
      threshold: z.number(),
      rows: z.int().positive(),
      rank: z.int().nonnegative(),
      capped: z.boolean(),
    }),
  ),
  rest: z.strictObject({
    threshold: z.number(),
    rows: z.int().nonnegative(),
    pooled: z.boolean(),
    capped: z.boolean().default(false),
  }),
});

/** A change of the threshold, and why. */
const ChangeSchema = z.strictObject({
  /** When, ISO 8601. */
  at: z.iso.datetime(),
  by: z.string().min(1).optional(),
  reason: z.string().min(1).optional(),
  /** As it was asked for: `0.1%`, `score=12`. */
  budget: z.string(),
  /** Chosen after looking at labels or at what it finds: its confidence does not hold. */
  exploratory: z.boolean(),
  threshold: z.number(),
  basis: z.enum(BASES),
  falseAlarmRate: z.number().positive().max(1).optional(),
  episodesPerDay: z.number().positive().optional(),
  alarmingBlockRate: z.number().positive().max(1).optional(),
  confidence: z.number().positive().max(1).optional(),
  interval: z.tuple([z.number(), z.number()]).readonly().optional(),
  expectedRate: z.number().nonnegative(),
  rows: z.int().positive(),
  rank: z.int().nonnegative(),
  assumption: z.string(),
  /** In place of `threshold`, which then is that for all rows. */
  categories: CategoriesSchema.optional(),
});
export type PolicyChange = z.output<typeof ChangeSchema>;

/** `*.policy.json`: an operator's own threshold for a model. The detector file is not touched, and needs no new signature. */
export const PolicySchema = z.strictObject({
  format: z.literal('edgeguard.policy'),
  version: z.literal(1),
  /** For people. */
  detector: z.string(),
  precision: z.enum(PRECISIONS),
  /** SHA-256 of graph and weights: the only model that this threshold is for. */
  modelDigest: Sha256Schema,
  /** All changes, the one in force last. */
  history: z.array(ChangeSchema).min(1),
});
export type PolicyDocument = z.output<typeof PolicySchema>;

/** A detector, as far as a policy is bound to it. */
export interface PolicySubject {
  readonly document: DetectorDocument;
  readonly modelDigest: string;
}

/** What is said about a choice that is put into force. */
export interface ChangeNote {
  /** When; the caller's clock. */
  readonly at: Date;
  readonly budget: string;
  readonly exploratory: boolean;
  readonly by?: string;
  readonly reason?: string;
  /** Thresholds by category beside the choice. */
  readonly categories?: CategoryThresholds;
}

/** A policy with one more change, or a new one. */
export function changePolicy(
  subject: PolicySubject,
  before: PolicyDocument | undefined,
  choice: ThresholdChoice,
  note: ChangeNote,
): PolicyDocument {
  if (before) assertBound('policy', before, subject);
  const change = { ...note, ...choice, at: note.at.toISOString() };
  return PolicySchema.parse({
    format: 'edgeguard.policy',
    version: 1,
    detector: subject.document.name,
    precision: subject.document.precision,
    modelDigest: subject.modelDigest,
    history: [...(before?.history ?? []), change],
  });
}

/** The threshold in force: the policy's, or the detector's own. */
export function thresholdInForce(subject: PolicySubject, policy?: PolicyDocument): number {
  return policy ? policy.history.at(-1)!.threshold : subject.document.threshold.value;
}

/** The thresholds of rows that are in force. Throws a UserError when the policy names categories of another detector. */
export function rowThresholds(subject: PolicySubject, policy?: PolicyDocument): RowThresholds {
  return new RowThresholds(subject.document, thresholdInForce(subject, policy), policy?.history.at(-1)!.categories);
}

/** Reads a policy for a detector. Throws a UserError when it is damaged or for another model. */
export async function readPolicy(path: string, subject: PolicySubject): Promise<PolicyDocument> {
  const policy = await readJson(path, PolicySchema);
  assertBound(path, policy, subject);
  return policy;
}

/** Writes a policy, whole or not at all. */
export async function writePolicy(path: string, policy: PolicyDocument): Promise<void> {
  await writeAtomically(path, formatJson(policy));
}

function assertBound(place: string, policy: PolicyDocument, { document, modelDigest }: PolicySubject): void {
  if (policy.modelDigest === modelDigest) return;
  throw new UserError(
    place,
    `it is for another model (${policy.detector}, ${policy.precision}, ${policy.modelDigest.slice(0, 12)}) than the detector ${document.name} (${document.precision}, ${modelDigest.slice(0, 12)})`,
    'scores of different models cannot be compared: choose a threshold for this detector',
  );
}
