import { type AlarmEnds, type Detector, type DriftMonitor, explainRow } from '@edgeguard/detection';
import type { Alert } from '../alert/alert.ts';
import { type AlertContext, recordAlert } from '../alert/record-alert.ts';
import type { ScoreBatch } from './score-batch.ts';

/** Records scored at once: beyond, engines gain little, and a batch this small stays in the cache. */
export const BATCH_ROWS = 256;
/** Traffic time after which a batch is scored although it is not full, in seconds. */
const LONGEST_WAIT = 1;
/** What an anomaly looks like follows from all features, whatever an alert shows. */
const ALL = { top: Infinity, smallestShare: 0 };

/**
 * Scores records in micro-batches as traffic time passes: when a batch is full, or when a record comes a second of
 * traffic time after the batch's first. Only records decide, neither the wall clock nor how the bytes came, so a file,
 * a pipe and a live interface give the same alerts.
 */
export class BatchScorer<R extends { readonly timeSeconds: number }> {
  /** Records with NaN or infinity, which have none. */
  nonFinite = 0;
  /** Records above the threshold while the meter's windows were still filling. */
  coldStart = 0;
  readonly #detector: Detector;
  readonly #context: AlertContext;
  readonly #onAlert: (alert: Alert) => void;
  readonly #batch: ScoreBatch<R>;
  readonly #scores = new Float32Array(BATCH_ROWS);
  /** Rows of the batch above the threshold, and their features one behind the other. */
  readonly #alarms: number[] = [];
  readonly #explained: Float32Array;
  #total = 0;

  /** @param batch of {@link BATCH_ROWS} rows */
  constructor(batch: ScoreBatch<R>, detector: Detector, context: AlertContext, onAlert: (alert: Alert) => void) {
    this.#batch = batch;
    this.#detector = detector;
    this.#context = context;
    this.#onAlert = onAlert;
    this.#explained = new Float32Array(BATCH_ROWS * batch.records.width);
  }

  /** Records that have a score. */
  get scored(): number {
    return this.#total - this.nonFinite;
  }

  add(record: R): void {
    const { records } = this.#batch;
    if (records.length > 0 && record.timeSeconds - records.timeSeconds[0]! >= LONGEST_WAIT) this.flush();
    this.#batch.add(record);
    if (records.full) this.flush();
  }

  /** Scores what waits. */
  flush(): void {
    const { records } = this.#batch;
    const scores = this.#scores;
    const { thresholds, drift } = this.#context;
    if (records.length === 0) return;
    this.#detector.score(records.features, records.length, scores);
    this.#total += records.length;
    this.#alarms.length = 0;
    for (let row = 0; row < records.length; row++) {
      const score = scores[row]!;
      const isAlarm = score > thresholds.of(records.features, row * records.width);
      if (Number.isNaN(score)) this.nonFinite++;
      else if (isAlarm) this.#alarms.push(row);
      if (drift) this.#watchDrift(drift, row, score, isAlarm);
    }
    if (this.#alarms.length > 0) this.#raise(this.#alarms);
    records.clear();
  }

  #watchDrift(drift: DriftMonitor, row: number, score: number, isAlarm: boolean): void {
    const { records } = this.#batch;
    if (Number.isNaN(score)) drift.addNotFinite();
    else if (records.coldStart[row] === 1) drift.addColdStart();
    else
      drift.add(
        records.features,
        row * records.width,
        score,
        records.timeSeconds[row]!,
        isAlarm ? this.#ends(row) : undefined,
      );
  }

  #ends(row: number): AlarmEnds {
    const { source, destination } = this.#batch.about(row).flow;
    return { source: source.address, target: destination.address };
  }

  /** Explains the rows that are above the threshold, all at once, and makes alerts of them. */
  #raise(alarms: readonly number[]): void {
    const { features, width, coldStart } = this.#batch.records;
    alarms.forEach((row, place) => {
      this.#explained.set(features.subarray(row * width, (row + 1) * width), place * width);
    });
    const { expected, featureErrors } = this.#detector.explain(this.#explained, alarms.length);
    alarms.forEach((row, place) => {
      const part = (values: Float32Array): Float32Array => values.subarray(place * width, (place + 1) * width);
      const score = this.#scores[row]!;
      const errors = part(featureErrors);
      this.coldStart += coldStart[row]!;
      const contributions = explainRow(this.#context.document, part(this.#explained), part(expected), errors, ALL);
      const threshold = this.#context.thresholds.of(features, row * width);
      this.#onAlert(recordAlert(this.#context, this.#batch.about(row), { score, threshold }, contributions));
    });
  }
}
