import { type Detector, explainRow } from '@edgeguard/detection';
import type { FlowRecord, FlowSink } from '@edgeguard/metering';
import type { Alert } from '../alert/alert.ts';
import { type AlertContext, recordAlert } from '../alert/record-alert.ts';
import { RecordBatch } from './record-batch.ts';

/** Records scored at once: beyond, engines gain little, and a batch this small stays in the cache. */
const BATCH_ROWS = 256;
/** Traffic time after which a batch is scored although it is not full, in seconds. */
const LONGEST_WAIT = 1;

/**
 * Scores records in micro-batches as traffic time passes: when a batch is full, or when a record comes a second of
 * traffic time after the batch's first. Only records decide, neither the wall clock nor how the bytes came, so a file,
 * a pipe and a live interface give the same alerts.
 */
export class RecordScorer implements FlowSink {
  /** Records that have a score. */
  scored = 0;
  /** Records with NaN or infinity, which have none. */
  nonFinite = 0;
  readonly #detector: Detector;
  readonly #context: AlertContext;
  readonly #onAlert: (alert: Alert) => void;
  readonly #batch = new RecordBatch(BATCH_ROWS);
  readonly #scores = new Float32Array(BATCH_ROWS);

  constructor(detector: Detector, context: AlertContext, onAlert: (alert: Alert) => void) {
    this.#detector = detector;
    this.#context = context;
    this.#onAlert = onAlert;
  }

  record(record: FlowRecord): void {
    const { records } = this.#batch;
    if (records.length > 0 && record.timeSeconds - records.timeSeconds[0]! >= LONGEST_WAIT) this.flush();
    this.#batch.add(record);
    if (records.full) this.flush();
  }

  /** Scores what waits. */
  flush(): void {
    const { records } = this.#batch;
    const scores = this.#scores;
    const { threshold } = this.#context;
    this.#detector.score(records.features, records.length, scores);
    for (let row = 0; row < records.length; row++) {
      const score = scores[row]!;
      if (Number.isNaN(score)) {
        this.nonFinite++;
        continue;
      }
      this.scored++;
      if (score > threshold) this.#alert(row, score);
    }
    records.clear();
  }

  #alert(row: number, score: number): void {
    const features = this.#batch.features(row);
    const { expected, featureErrors } = this.#detector.explain(features, 1);
    const contributions = explainRow(this.#context.document, features, expected, featureErrors);
    this.#onAlert(recordAlert(this.#context, this.#batch, row, score, contributions));
  }
}
