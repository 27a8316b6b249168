import type { Label } from '@edgeguard/contracts';
import type { LabelRule } from './label-rule.ts';

/** What a flow is labelled with. */
export interface FlowLabel {
  readonly label: Label;
  /** `''` for normal traffic. */
  readonly attack: string;
}

const NORMAL: FlowLabel = { label: 'normal', attack: '' };

const SOURCE = 1;
const DESTINATION = 2;
const SOURCE_PORT = 4;
const DESTINATION_PORT = 8;
const PROTOCOL = 16;

/**
 * Finds the first rule that fits a flow. Rules are kept in one hash table per set of fields that they state, so that a
 * flow costs two look-ups per such set, however many rules there are.
 */
export class LabelMatcher {
  readonly #rules: readonly LabelRule[];
  /** By the set of stated fields: key of those fields -> positions of rules, ascending. */
  readonly #tables = new Map<number, Map<string, number[]>>();
  /** Addresses that rules name, as source or destination: most flows have others, and need no look-up. */
  readonly #addresses = new Set<string>();

  constructor(rules: readonly LabelRule[]) {
    this.#rules = rules;
    rules.forEach((rule, position) => {
      this.#addresses.add(rule.srcIp).add(rule.dstIp);
      const stated =
        (rule.srcIp === '' ? 0 : SOURCE) |
        (rule.dstIp === '' ? 0 : DESTINATION) |
        (rule.srcPort === 0 ? 0 : SOURCE_PORT) |
        (rule.dstPort === 0 ? 0 : DESTINATION_PORT) |
        (rule.protocol === 0 ? 0 : PROTOCOL);
      let table = this.#tables.get(stated);
      if (table === undefined) this.#tables.set(stated, (table = new Map()));
      const key = keyOf(stated, rule.srcIp, rule.dstIp, rule.srcPort, rule.dstPort, rule.protocol);
      const positions = table.get(key);
      if (positions === undefined) table.set(key, [position]);
      else positions.push(position);
    });
  }

  /**
   * The label of one flow.
   *
   * @param first first instant of the flow, nanoseconds since the Unix epoch
   * @param last  last instant of the flow
   */
  match(
    srcIp: string,
    dstIp: string,
    srcPort: number,
    dstPort: number,
    protocol: number,
    first: bigint,
    last: bigint,
  ): FlowLabel {
    let best = this.#rules.length;
    const known = (this.#addresses.has(srcIp) ? 1 : 0) + (this.#addresses.has(dstIp) ? 1 : 0);
    for (const [stated, table] of this.#tables) {
      if ((stated & SOURCE ? 1 : 0) + (stated & DESTINATION ? 1 : 0) > known) continue;
      best = this.#firstOf(table.get(keyOf(stated, srcIp, dstIp, srcPort, dstPort, protocol)), first, last, best);
      best = this.#firstOf(table.get(keyOf(stated, dstIp, srcIp, dstPort, srcPort, protocol)), first, last, best);
    }
    return best < this.#rules.length ? this.#rules[best] : NORMAL;
  }

  #firstOf(positions: readonly number[] | undefined, first: bigint, last: bigint, best: number): number {
    if (positions === undefined) return best;
    for (const position of positions) {
      if (position >= best) break;
      const rule = this.#rules[position];
      if (rule.from <= last && rule.to >= first) return position;
    }
    return best;
  }
}

function keyOf(
  stated: number,
  srcIp: string,
  dstIp: string,
  srcPort: number,
  dstPort: number,
  protocol: number,
): string {
  return `${stated & SOURCE ? srcIp : ''}>${stated & DESTINATION ? dstIp : ''} ${stated & SOURCE_PORT ? srcPort : ''}>${
    stated & DESTINATION_PORT ? dstPort : ''
  } ${stated & PROTOCOL ? protocol : ''}`;
}
