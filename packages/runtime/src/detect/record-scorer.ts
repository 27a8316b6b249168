import type { Detector } from '@edgeguard/detection';
import type { FlowRecord, FlowSink } from '@edgeguard/metering';
import type { Alert } from '../alert/alert.ts';
import type { AlertContext } from '../alert/record-alert.ts';
import { BATCH_ROWS, BatchScorer } from './batch-scorer.ts';
import { RecordBatch } from './record-batch.ts';

/** Scores the records of packets. */
export class RecordScorer extends BatchScorer<FlowRecord> implements FlowSink {
  constructor(detector: Detector, context: AlertContext, onAlert: (alert: Alert) => void) {
    super(new RecordBatch(BATCH_ROWS), detector, context, onAlert);
  }

  record(record: FlowRecord): void {
    this.add(record);
  }
}
