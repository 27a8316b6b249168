import { type Detector, EpisodeTracker, Explainer, pValue } from '@edgeguard/detection';
import type { ResultDocument } from '../evaluation-document.ts';
import { labelCode } from '../metrics/labelled-rows.ts';
import type { RowBlock } from './read-blocks.ts';

/** Alerts that are replayed at most: a threshold that gives more is no threshold to work with. */
const MAX_ALERTS = 50_000;
/** Causes of an alert that decide which episode it belongs to. */
const CAUSES = 3;

interface Alert {
  readonly time: bigint;
  readonly source: string;
  readonly target: string;
  readonly score: number;
  readonly causes: readonly string[];
  readonly label: number;
}

/**
 * Replays the alerts of one detector on the test split as episodes, which is what an operator sees: a scan of ten thousand
 * probes is one thing to look at. Needs traffic time and who talks to whom.
 */
export class EpisodeReplay {
  readonly #detector: Detector;
  readonly #explainer: Explainer;
  readonly #alerts: Alert[] = [];
  #impossible = false;

  constructor(detector: Detector) {
    this.#detector = detector;
    this.#explainer = new Explainer(detector);
  }

  /** Takes a block with the scores of its rows. */
  look(block: RowBlock, scores: Float32Array): void {
    const { document, featureCount } = this.#detector;
    if (this.#impossible) return;
    if (!block.time || !block.hasEnds || this.#alerts.length > MAX_ALERTS) {
      this.#impossible = true;
      this.#alerts.length = 0;
      return;
    }
    const rows = Uint32Array.from(scores, (_, row) => row).filter((row) => scores[row]! > document.threshold.value);
    const values = new Float32Array(rows.length * featureCount);
    for (const [i, row] of rows.entries()) {
      values.set(block.rows.subarray(row * featureCount, (row + 1) * featureCount), i * featureCount);
    }
    const { featureErrors } = this.#detector.explain(values, rows.length);
    for (const [i, row] of rows.entries()) {
      const errors = featureErrors.subarray(i * featureCount, (i + 1) * featureCount);
      this.#alerts.push({
        time: block.time[row]!,
        ...block.endsOf(row),
        score: scores[row]!,
        causes: this.#explainer.causes(errors, CAUSES),
        label: block.label[row]!,
      });
    }
  }

  /**
   * The episodes, by what opened them; null where rows have no time or no ends.
   *
   * @param days days of traffic in the test split
   */
  finish(days: number | null): ResultDocument['episodes'] {
    if (this.#impossible || days === null) return null;
    const tracker = new EpisodeTracker();
    const normal = labelCode('normal');
    const attack = labelCode('attack');
    const { pValues } = this.#detector.document;
    const opened = { normal: 0, attack: 0, other: 0 };
    const inTime = this.#alerts.toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
    for (const { label, ...alert } of inTime) {
      const events = tracker.observe({ ...alert, pValue: pValue(pValues, alert.score), severity: 3 });
      if (!events.some(({ kind }) => kind === 'open')) continue;
      if (label === normal) opened.normal++;
      else if (label === attack) opened.attack++;
      else opened.other++;
    }
    const total = opened.normal + opened.attack + opened.other;
    return {
      alerts: inTime.length,
      total,
      openedByNormal: opened.normal,
      openedByAttack: opened.attack,
      perDay: total / days,
    };
  }
}
