import { LABELS, UserError } from '@edgeguard/contracts';
import { DatasetReader, DatasetWriter } from '@edgeguard/contracts/arrow';
import { LABEL_RULE_SCHEMA, type LabelRule, labelRuleColumns } from '@edgeguard/sources';

/** Rules that are read at most: each is kept in memory. */
const MAX_RULES = 1_000_000;

/** Writes `labels.arrow`. */
export async function writeLabelRules(path: string, rules: readonly LabelRule[]): Promise<void> {
  const writer = new DatasetWriter(path, LABEL_RULE_SCHEMA);
  try {
    await writer.write(labelRuleColumns(rules));
    await writer.close();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** Reads `labels.arrow`. Throws a UserError for what is no list of label rules. */
export async function readLabelRules(path: string): Promise<LabelRule[]> {
  const reader = await DatasetReader.open(path);
  try {
    for (const column of LABEL_RULE_SCHEMA.columns) {
      const found = reader.schema.columns.find(({ name }) => name === column.name);
      if (found?.type !== column.type) {
        throw new UserError(
          path,
          `it has no column ${column.name} of type ${column.type}`,
          'name a file of label rules',
        );
      }
    }
    const rules: LabelRule[] = [];
    for await (const batch of reader.batches()) {
      const [sources, destinations, labels, attacks] = ['src_ip', 'dst_ip', 'label', 'attack'].map((c) =>
        batch.strings(c),
      );
      const [from, to] = [batch.bigints('from'), batch.bigints('to')];
      const [sourcePorts, destinationPorts] = [batch.numbers('src_port'), batch.numbers('dst_port')];
      const protocols = batch.numbers('protocol');
      for (let row = 0; row < batch.length; row++) {
        const label = LABELS.find((known) => known === labels![row]);
        if (!label) {
          throw new UserError(path, `rule ${rules.length} has the label "${labels![row]}"`, `use ${LABELS.join(', ')}`);
        }
        rules.push({
          from: from[row]!,
          to: to[row]!,
          srcIp: sources![row]!,
          dstIp: destinations![row]!,
          srcPort: sourcePorts[row]!,
          dstPort: destinationPorts[row]!,
          protocol: protocols[row]!,
          label,
          attack: attacks![row]!,
        });
      }
      if (rules.length > MAX_RULES) throw new UserError(path, `more than ${MAX_RULES} rules`, 'split the captures');
    }
    return rules;
  } finally {
    await reader.close();
  }
}
