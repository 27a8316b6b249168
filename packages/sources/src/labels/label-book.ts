import type { Label } from '@edgeguard/contracts';
import type { LabelRule } from './label-rule.ts';

/** Which flows a rule is about. What is left out is any. */
export interface FlowPattern {
  readonly srcIp?: string;
  readonly dstIp?: string;
  readonly srcPort?: number;
  readonly dstPort?: number;
  readonly protocol?: number;
}

/**
 * Collects rules while traffic is made. Exceptions (normal traffic that a rule with wildcards would catch) are tried
 * first, then attacks, collateral traffic, and what is unknown; among those, rules that state more fields come first.
 */
export class LabelBook {
  readonly #rules: LabelRule[] = [];

  /** Says that flows of this pattern in the interval are what the label says. */
  add(label: Label, attack: string, pattern: FlowPattern, from: bigint, to: bigint): void {
    this.#rules.push({
      from,
      to,
      srcIp: pattern.srcIp ?? '',
      dstIp: pattern.dstIp ?? '',
      srcPort: pattern.srcPort ?? 0,
      dstPort: pattern.dstPort ?? 0,
      protocol: pattern.protocol ?? 0,
      label,
      attack,
    });
  }

  /** All rules in the order in which they are to be tried. */
  rules(): LabelRule[] {
    const order: readonly Label[] = ['normal', 'attack', 'collateral', 'unknown'];
    return order.flatMap((label) =>
      this.#rules.filter((rule) => rule.label === label).sort((a, b) => statedFields(b) - statedFields(a)),
    );
  }
}

function statedFields(rule: LabelRule): number {
  const { srcIp, dstIp, srcPort, dstPort, protocol } = rule;
  return [srcIp !== '', dstIp !== '', srcPort !== 0, dstPort !== 0, protocol !== 0].filter(Boolean).length;
}
