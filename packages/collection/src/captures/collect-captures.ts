import { join } from 'node:path';
import { type CaptureSourceConfig, sha256OfFile } from '@edgeguard/contracts';
import type { StageContext, StageReport } from '@edgeguard/contracts/stage';
import { assume, labelByRules } from '../labels/labeller.ts';
import { readLabelRules } from '../labels/label-rules-file.ts';
import { meterCaptures } from '../metering/meter-captures.ts';
import { findFiles, rootFolder } from '../files/find-files.ts';

/** Captures to `flows.arrow`. */
export async function collectCaptures(context: StageContext, source: CaptureSourceConfig): Promise<StageReport> {
  const files = await findFiles(context, source);
  const labels = source.labels === undefined ? undefined : join(rootFolder(context, source.root), source.labels);
  const labelOf = labels === undefined ? assume(source.assume) : labelByRules(await readLabelRules(labels));
  const { counts, rows } = await meterCaptures(context, {
    files,
    merge: source.merge,
    settings: context.config.collect.metering,
    schema: source.schema,
    labelOf,
  });
  context.log.info(`${files.length} captures, ${counts.packets} packets, ${counts.flows} flows, ${rows} records`);
  const inputs: Record<string, string> = {};
  for (const { name, path } of files) inputs[name] = await sha256OfFile(path);
  if (labels !== undefined) inputs[source.labels!] = await sha256OfFile(labels);
  return { rows: { 'flows.arrow': rows }, dropped: Object.fromEntries(counts.dropped), notes: counts.notes, inputs };
}
