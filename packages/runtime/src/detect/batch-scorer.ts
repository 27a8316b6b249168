import type { AlarmEnds, Detector, DriftMonitor, RowThresholds, VoteTable } from '@edgeguard/detection';
import { type AlertContext, type Sighting, Spotter } from '../alert/sighting.ts';
import type { AlertSubject } from '../alert/alert.ts';
import type { ScoreBatch } from './score-batch.ts';

/** Records scored at once: beyond, engines gain little, and a batch this small stays in the cache. */
export const BATCH_ROWS = 256;
/** Traffic time after which a batch is scored although it is not full, in seconds. */
const LONGEST_WAIT = 1;

/** What becomes of records that stand out. Called in the order of the records. */
export interface Watcher {
  /** Scores above this share of the threshold, but not above it, keep an episode going. Default: none does. */
  readonly release?: number;
  /** Sees every row. */
  readonly drift?: DriftMonitor;
  /** Decides whether a source has enough records above the threshold. Default: one is enough. */
  readonly votes?: VoteTable;
  /** A record is above the threshold. */
  sighting(sighting: Sighting): void;
  /** A record is above the release and not above the threshold. */
  near?(subject: AlertSubject): void;
  /** Traffic time has come so far, in nanoseconds since the Unix epoch. */
  passed?(time: bigint): void;
}

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
  readonly #thresholds: RowThresholds;
  readonly #release: number;
  readonly #watcher: Watcher;
  readonly #spotter: Spotter;
  readonly #batch: ScoreBatch<R>;
  readonly #scores = new Float32Array(BATCH_ROWS);
  /** For each row of the batch whether enough of its source's records were above the threshold. */
  readonly #confirmed = new Uint8Array(BATCH_ROWS).fill(1);
  /** Rows of the batch above the release, and the features of those above the threshold one behind the other. */
  readonly #standingOut: number[] = [];
  readonly #explained: Float32Array;
  #total = 0;

  /** @param batch of {@link BATCH_ROWS} rows */
  constructor(batch: ScoreBatch<R>, detector: Detector, context: AlertContext, watcher: Watcher) {
    this.#batch = batch;
    this.#detector = detector;
    this.#thresholds = context.thresholds;
    this.#release = watcher.near ? Math.min(watcher.release ?? 1, 1) : 1;
    this.#watcher = watcher;
    this.#spotter = new Spotter(detector, context);
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
    const { votes, drift } = this.#watcher;
    if (records.length === 0) return;
    this.#detector.score(records.features, records.length, scores);
    this.#total += records.length;
    this.#standingOut.length = 0;
    for (let row = 0; row < records.length; row++) {
      const score = scores[row]!;
      const threshold = this.#thresholds.of(records.features, row * records.width);
      const isAlarm = score > threshold;
      if (votes) this.#confirmed[row] = votes.observe(this.#batch.source(row), isAlarm) ? 1 : 0;
      if (Number.isNaN(score)) this.nonFinite++;
      else if (isAlarm || score > threshold * this.#release) this.#standingOut.push(row);
      if (drift) this.#watchDrift(drift, row, score, isAlarm);
    }
    if (this.#standingOut.length > 0) this.#tell(this.#standingOut);
    this.#watcher.passed?.(BigInt(Math.floor(records.timeSeconds[records.length - 1]!)) * 1_000_000_000n);
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
    const { flow } = this.#batch.about(row);
    return { source: flow?.source.address ?? '', target: flow?.destination.address ?? '' };
  }

  /** Explains the rows that are above the threshold, all at once, and hands over what stands out. */
  #tell(rows: readonly number[]): void {
    const { features, width, coldStart } = this.#batch.records;
    const isAlarm = (row: number): boolean => this.#scores[row]! > this.#thresholds.of(features, row * width);
    let alarms = 0;
    for (const row of rows) {
      if (!isAlarm(row)) continue;
      this.#explained.set(features.subarray(row * width, (row + 1) * width), alarms * width);
      alarms++;
    }
    const { expected, featureErrors } = this.#detector.explain(this.#explained, alarms);
    let place = 0;
    for (const row of rows) {
      const subject = this.#batch.about(row);
      if (!isAlarm(row)) {
        this.#watcher.near?.(subject);
        continue;
      }
      const part = (values: Float32Array): Float32Array => values.subarray(place * width, (place + 1) * width);
      const explained = { row: part(this.#explained), expected: part(expected), featureErrors: part(featureErrors) };
      place++;
      this.coldStart += coldStart[row]!;
      const judged = { score: this.#scores[row]!, threshold: this.#thresholds.of(features, row * width) };
      this.#watcher.sighting(this.#spotter.spot(subject, judged, explained, this.#confirmed[row] === 1));
    }
  }
}
