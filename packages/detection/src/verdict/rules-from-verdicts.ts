import type { SuppressionMatch, SuppressionRule } from '../suppression/suppression-file.ts';
import type { Verdict } from './verdict-file.ts';

/** Who answers for the rules, and until when they hold. */
export interface RuleTerms {
  readonly owner: string;
  readonly expires: string;
}

/**
 * Suppressions for what was found to be a false alarm or expected: alerts of the same finding from the same host, to the
 * same port where the destination's is a service's (below 49,152). Narrow on purpose: a rule that matches more than
 * what somebody looked at hides what nobody has.
 */
export function rulesFromVerdicts(verdicts: readonly Verdict[], { owner, expires }: RuleTerms): SuppressionRule[] {
  const rules = new Map<string, SuppressionRule>();
  for (const { verdict, source, destination, protocol, finding, causes, by, reason, alert } of verdicts) {
    if (verdict === 'true-positive' || !source) continue;
    const port = destination?.port;
    const match: SuppressionMatch = {
      host: source.address,
      ...(port !== undefined && port < FIRST_EPHEMERAL ? { port } : {}),
      ...(protocol === undefined ? {} : { protocol }),
      finding,
      ...(finding === 'unknown' && causes[0] !== undefined ? { feature: causes[0] } : {}),
    };
    const key = JSON.stringify(match);
    if (rules.has(key)) continue;
    const why = reason ?? `found to be ${verdict === 'expected' ? 'expected' : 'a false alarm'}`;
    const id = `verdict-${alert.slice(0, 36)}`;
    rules.set(key, { id, owner, reason: by === undefined ? why : `${why} (${by})`, expires, match });
  }
  return [...rules.values()];
}

/** Ports from here on are lent to clients (RFC 6335). */
const FIRST_EPHEMERAL = 49_152;
