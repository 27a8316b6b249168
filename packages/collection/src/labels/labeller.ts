import type { Label } from '@edgeguard/contracts';
import type { FlowRecord } from '@edgeguard/metering';
import { type FlowLabel, LabelMatcher, type LabelRule } from '@edgeguard/sources';

/** Says what a record is. */
export type Labeller = (record: FlowRecord) => FlowLabel;

/** Every record is what the config says of the source. */
export function assume(label: Label): Labeller {
  const always: FlowLabel = { label, attack: '' };
  return () => always;
}

/** Records are what the first rule that fits says, and normal otherwise. */
export function labelByRules(rules: readonly LabelRule[]): Labeller {
  const matcher = new LabelMatcher(rules);
  return (record) => {
    const first = BigInt(record.startSeconds) * 1_000_000_000n + BigInt(record.startNanoseconds);
    // Until its last packet: a record is emitted up to an idle timeout later, when another rule may hold.
    const last = first + BigInt(Math.round(record.duration * 1e9));
    return matcher.match(
      record.sourceAddress,
      record.destinationAddress,
      record.sourcePort,
      record.destinationPort,
      record.protocol,
      first,
      last,
    );
  };
}
