import type { Detector } from '@edgeguard/detection';
import type { FlowCoreRecord, FlowCoreSink } from '@edgeguard/metering';
import type { AlertContext } from '../alert/sighting.ts';
import { BATCH_ROWS, BatchScorer, type Watcher } from './batch-scorer.ts';
import { CoreBatch } from './core-batch.ts';

/** Scores rows of flow-core. */
export class CoreScorer extends BatchScorer<FlowCoreRecord> implements FlowCoreSink {
  constructor(detector: Detector, context: AlertContext, watcher: Watcher) {
    super(new CoreBatch(BATCH_ROWS), detector, context, watcher);
  }

  coreRecord(record: FlowCoreRecord): void {
    this.add(record);
  }
}
