import { readJson } from '@edgeguard/contracts';
import { z } from 'zod';
import type { CardLine } from '../report/model-card.ts';

/** The part of conversion's `verification.json` that the report shows. */
const VerificationSummarySchema = z.object({
  format: z.literal('edgeguard.verification'),
  version: z.literal(1),
  rows: z.object({ calibration: z.number(), compared: z.number(), adversarial: z.number() }),
  artifacts: z.array(
    z.object({
      file: z.string(),
      passed: z.boolean(),
      checks: z.array(z.object({ name: z.string(), limit: z.number(), must: z.string() })),
    }),
  ),
});

/**
 * What was demanded of each detector before it could leave the conversion, and whether it passed. What was measured
 * varies between machines and is left in `verification.json`, so that the report does not.
 */
export async function verificationLines(path: string): Promise<CardLine[]> {
  const { rows, artifacts } = await readJson(path, VerificationSummarySchema);
  const compared = `compared with the trained model on ${rows.compared} calibration rows and ${rows.adversarial} extreme ones`;
  return artifacts.map(({ file, passed, checks }) => {
    const demands = [...new Set(checks.map(({ name, must, limit }) => `${name} must ${must} ${limit}`))];
    return { name: file, value: `${passed ? 'passed' : 'FAILED'}; ${compared}. ${demands.join('; ')}` };
  });
}
