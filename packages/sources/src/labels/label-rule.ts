import type { DatasetSchema, Label } from '@edgeguard/contracts';
import type { ColumnBatch } from '@edgeguard/contracts/arrow';

/**
 * Ground truth about traffic. A flow gets the first rule of the list that fits its five-tuple in either direction and
 * whose interval overlaps the flow; a flow that no rule fits is normal.
 */
export interface LabelRule {
  /** First and last instant, nanoseconds since the Unix epoch. */
  readonly from: bigint;
  readonly to: bigint;
  /** Canonical text of an address, `''` for any. */
  readonly srcIp: string;
  readonly dstIp: string;
  /** 0 for any. */
  readonly srcPort: number;
  readonly dstPort: number;
  /** IP protocol number, 0 for any. */
  readonly protocol: number;
  readonly label: Label;
  /** Name of the attack; `''` where the label is `normal`. */
  readonly attack: string;
}

/** `labels.arrow`: one row per {@link LabelRule}, in the order in which they are tried. */
export const LABEL_RULE_SCHEMA: DatasetSchema = {
  name: 'label-rules',
  version: 1,
  columns: [
    { name: 'from', role: 'time', type: 'timestamp' },
    { name: 'to', role: 'ignore', type: 'timestamp' },
    { name: 'src_ip', role: 'identity', type: 'utf8' },
    { name: 'dst_ip', role: 'identity', type: 'utf8' },
    { name: 'src_port', role: 'identity', type: 'uint16' },
    { name: 'dst_port', role: 'identity', type: 'uint16' },
    { name: 'protocol', role: 'identity', type: 'uint8' },
    { name: 'label', role: 'label', type: 'utf8' },
    { name: 'attack', role: 'label', type: 'utf8' },
  ],
};

/** Rules column by column, as {@link LABEL_RULE_SCHEMA} names and types them. */
export function labelRuleColumns(rules: readonly LabelRule[]): ColumnBatch {
  return {
    length: rules.length,
    columns: {
      from: BigInt64Array.from(rules, ({ from }) => from),
      to: BigInt64Array.from(rules, ({ to }) => to),
      src_ip: rules.map(({ srcIp }) => srcIp),
      dst_ip: rules.map(({ dstIp }) => dstIp),
      src_port: Uint16Array.from(rules, ({ srcPort }) => srcPort),
      dst_port: Uint16Array.from(rules, ({ dstPort }) => dstPort),
      protocol: Uint8Array.from(rules, ({ protocol }) => protocol),
      label: rules.map(({ label }) => label),
      attack: rules.map(({ attack }) => attack),
    },
  };
}
