import type { Detector } from '@edgeguard/detection';
import type { FlowCoreRecord, FlowCoreSink } from '@edgeguard/metering';
import type { Alert } from '../alert/alert.ts';
import type { AlertContext } from '../alert/record-alert.ts';
import { BATCH_ROWS, BatchScorer } from './batch-scorer.ts';
import { CoreBatch } from './core-batch.ts';

/** Scores rows of flow-core. */
export class CoreScorer extends BatchScorer<FlowCoreRecord> implements FlowCoreSink {
  constructor(detector: Detector, context: AlertContext, onAlert: (alert: Alert) => void) {
    super(new CoreBatch(BATCH_ROWS), detector, context, onAlert);
  }

  coreRecord(record: FlowCoreRecord): void {
    this.add(record);
  }
}
