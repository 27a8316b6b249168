import type { StageContext, StageDefinition, StageReport } from '@edgeguard/contracts/stage';
import { collectCaptures } from './captures/collect-captures.ts';
import { collectFlowLogs } from './flow-logs/collect-flow-logs.ts';
import { collectSynthetic } from './synthetic/collect-synthetic.ts';
import { collectTables } from './tables/collect-tables.ts';

/** Turns the source that the config names into `flows.arrow`. */
export const collectionStage: StageDefinition = { target: 'collect', run };

async function run(context: StageContext): Promise<StageReport> {
  const { source } = context.config.collect;
  switch (source.kind) {
    case 'synthetic':
      return collectSynthetic(context, source);
    case 'captures':
      return collectCaptures(context, source);
    case 'flow-logs':
      return collectFlowLogs(context, source);
    case 'table':
      return collectTables(context, source);
  }
}
