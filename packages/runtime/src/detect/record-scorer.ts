import type { Detector } from '@edgeguard/detection';
import type { FlowRecord, FlowSink } from '@edgeguard/metering';
import type { AlertContext } from '../alert/sighting.ts';
import { BATCH_ROWS, BatchScorer, type Watcher } from './batch-scorer.ts';
import { RecordBatch } from './record-batch.ts';

/** Scores the records of packets. */
export class RecordScorer extends BatchScorer<FlowRecord> implements FlowSink {
  constructor(detector: Detector, context: AlertContext, watcher: Watcher) {
    super(new RecordBatch(BATCH_ROWS), detector, context, watcher);
  }

  record(record: FlowRecord): void {
    this.add(record);
  }
}
