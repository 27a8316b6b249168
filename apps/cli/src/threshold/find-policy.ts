import { existsSync } from 'node:fs';
import { type PolicyDocument, type PolicySubject, readPolicy } from '@edgeguard/detection';

/** Where the policy of a detector is, unless one says otherwise. */
export function policyPath(detector: string): string {
  return `${detector}.policy.json`;
}

/**
 * The policy named, or the one beside the detector if there is one.
 *
 * @throws UserError when it is damaged, for another model, or named and not there
 */
export async function findPolicy(
  detector: string,
  subject: PolicySubject,
  named?: string,
): Promise<{ readonly path: string; readonly policy: PolicyDocument } | undefined> {
  const path = named ?? policyPath(detector);
  if (named === undefined && !existsSync(path)) return undefined;
  return { path, policy: await readPolicy(path, subject) };
}
