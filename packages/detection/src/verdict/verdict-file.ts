import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileProblem, parseJson, UserError, writeAtomically } from '@edgeguard/contracts';
import { z } from 'zod';
import { FINDING_TYPES } from '../finding/finding-type.ts';

/**
 * What somebody found an alert to be. `expected`: unusual and known, such as a backup or one's own scanner.
 */
export const VERDICTS = ['false-positive', 'true-positive', 'expected'] as const;

const EndSchema = z.strictObject({ address: z.string(), port: z.int().min(0).max(65_535).optional() });

/** One line of a verdicts file: a decision, and the alert that it is about as far as rules and labels need it. */
export const VerdictSchema = z.strictObject({
  format: z.literal('edgeguard.verdict'),
  version: z.literal(1),
  /** Identifier of the alert. */
  alert: z.string().min(1),
  verdict: z.enum(VERDICTS),
  by: z.string().min(1).optional(),
  reason: z.string().min(1).optional(),
  /** When it was decided. */
  at: z.iso.datetime(),
  /** SHA-256 of graph and weights of the model that raised the alert. */
  model: z.string(),
  /** Traffic time of the flow's first packet and of the alert. */
  start: z.iso.datetime(),
  time: z.iso.datetime(),
  source: EndSchema.optional(),
  destination: EndSchema.optional(),
  protocol: z.int().min(0).max(255).optional(),
  row: z.strictObject({ table: z.string(), number: z.int().positive() }).optional(),
  finding: z.enum(FINDING_TYPES),
  causes: z.array(z.string()),
});
export type Verdict = z.output<typeof VerdictSchema>;

/** A verdict is written with all that came before it, so that the file is always whole. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Reads verdicts; of several about an alert the last counts. Throws a UserError that names the line. */
export async function readVerdicts(path: string): Promise<Verdict[]> {
  const latest = new Map<string, Verdict>();
  for (const [index, line] of (await readLines(path)).entries()) {
    const place = `${path}: line ${index + 1}`;
    const verdict = parseJson(place, Buffer.from(line), VerdictSchema);
    latest.delete(verdict.alert);
    latest.set(verdict.alert, verdict);
  }
  return [...latest.values()];
}

/** Adds a verdict to a file, which is made where there is none. A reader sees the old file or the new one. */
export async function appendVerdict(path: string, verdict: Verdict): Promise<void> {
  const line = JSON.stringify(VerdictSchema.parse(verdict));
  const before = existsSync(path) ? await readLines(path) : [];
  await writeAtomically(path, [...before, line, ''].join('\n'));
}

async function readLines(path: string): Promise<string[]> {
  try {
    const text = await readFile(path, 'utf8');
    if (text.length > MAX_BYTES) throw new UserError(path, 'it is larger than 64 MB', 'begin a new file of verdicts');
    return text.split('\n').filter((line) => line !== '');
  } catch (error) {
    throw fileProblem(path, error);
  }
}
