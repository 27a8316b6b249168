import { countEpisodes, type Detector, type EpisodeAlert, EpisodeRecorder, pValue } from '@edgeguard/detection';
import type { EpisodesOnTest } from '../budgets.ts';
import { labelCode } from '../metrics/labelled-rows.ts';
import { episodeFigures, type LabelledAlert } from './episode-figures.ts';
import type { RowBlock } from './read-blocks.ts';

/** Alerts, and normal records, that are replayed at most: a threshold that gives more is no threshold to work with. */
const MAX_RECORDS = 50_000;

/**
 * Replays the alerts of one detector on the test split as episodes, which is what an operator sees: a scan of ten thousand
 * probes is one thing to look at. Needs traffic time and who talks to whom. Records are made as for the calibration's own
 * replay, whose promises are checked with normal rows alone.
 */
export class EpisodeReplay {
  readonly #detector: Detector;
  readonly #recorder: EpisodeRecorder;
  readonly #floor: number;
  readonly #alerts: LabelledAlert[] = [];
  /** Normal records above the floor. */
  readonly #normal: EpisodeAlert[] = [];
  #impossible = false;
  #tooManyNormal = false;

  constructor(detector: Detector) {
    this.#detector = detector;
    this.#recorder = new EpisodeRecorder(detector);
    const { calibration, threshold } = detector.document;
    this.#floor = Math.min(threshold.value, calibration?.episodes?.thresholds.at(-1) ?? Number.POSITIVE_INFINITY);
  }

  /** Takes a block with the scores of its rows. */
  look(block: RowBlock, scores: Float32Array): void {
    const { document, featureCount: width } = this.#detector;
    if (this.#impossible) return;
    if (!block.time || !block.hasEnds || this.#alerts.length > MAX_RECORDS) {
      this.#impossible = true;
      this.#alerts.length = 0;
      this.#normal.length = 0;
      return;
    }
    this.#tooManyNormal ||= this.#normal.length > MAX_RECORDS;
    const normal = labelCode('normal');
    const alertAbove = document.threshold.value;
    const normalAbove = this.#tooManyNormal ? alertAbove : this.#floor;
    const rows: number[] = [];
    for (let row = 0; row < block.count; row++) {
      if (scores[row]! > (block.label[row] === normal ? normalAbove : alertAbove)) rows.push(row);
    }
    const values = new Float32Array(rows.length * width);
    for (const [i, row] of rows.entries()) values.set(block.rows.subarray(row * width, (row + 1) * width), i * width);
    const { expected, featureErrors } = this.#detector.explain(values, rows.length);
    for (const [i, row] of rows.entries()) {
      const part = (all: Float32Array): Float32Array => all.subarray(i * width, (i + 1) * width);
      const score = scores[row]!;
      const label = block.label[row]!;
      const subject = { time: block.time[row]!, ...block.endsOf(row), score };
      const explained = { row: part(values), expected: part(expected), featureErrors: part(featureErrors) };
      const record = this.#recorder.record(subject, explained);
      if (label === normal) this.#normal.push(record);
      if (score > alertAbove) {
        this.#alerts.push({ ...record, pValue: pValue(document.pValues, score), label, attack: block.attack[row]! });
      }
    }
  }

  /**
   * The episodes; null where rows have no time or no ends.
   *
   * @param days days of traffic in the test split
   */
  finish(days: number | null, attackNames: readonly string[]): EpisodesOnTest | null {
    if (this.#impossible || days === null) return null;
    const inTime = (a: EpisodeAlert, b: EpisodeAlert): number => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0);
    const normal = this.#normal.toSorted(inTime);
    return {
      figures: episodeFigures(this.#alerts.toSorted(inTime), days, attackNames),
      curve: this.#detector.document.calibration?.episodes,
      days,
      onNormal: (threshold) =>
        threshold < this.#floor || this.#tooManyNormal ? null : countEpisodes(normal, threshold, {}),
    };
  }
}
