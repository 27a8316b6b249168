import { countAbove, type Scores } from './scores.ts';
import { type Interval, wilsonInterval } from './wilson-interval.ts';

/** Rows by what they are and what the detector said. */
export interface Confusion {
  /** Attack rows with an alert. */
  readonly truePositives: number;
  /** Normal rows with an alert. */
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
}

/** Counts rows at a threshold. An alert is a score strictly above it. Both score lists ascend. */
export function confusionAt(threshold: number, normal: Scores, attack: Scores): Confusion {
  const truePositives = countAbove(attack, threshold);
  const falsePositives = countAbove(normal, threshold);
  return {
    truePositives,
    falsePositives,
    trueNegatives: normal.length - falsePositives,
    falseNegatives: attack.length - truePositives,
  };
}

/** A share of rows, with its 95 % Wilson interval; null where there are no rows. */
export interface Rate {
  readonly value: number;
  readonly interval: Interval;
}

/** What a threshold does, as shares. A figure is null where it is not defined: a recall without attacks. */
export interface DetectionFigures {
  /** Share of attack rows with an alert (recall). */
  readonly detectionRate: Rate | null;
  /** Share of normal rows with an alert. */
  readonly falseAlarmRate: Rate | null;
  /** Share of alerts that are on attack rows; depends on how many attacks the split holds. */
  readonly precision: number | null;
  /** Harmonic mean of precision and detection rate; depends on the share of attacks likewise. */
  readonly f1: number | null;
}

/** The shares of a confusion matrix. */
export function detectionFigures(c: Confusion): DetectionFigures {
  const attacks = c.truePositives + c.falseNegatives;
  const alerts = c.truePositives + c.falsePositives;
  const errors = c.falsePositives + c.falseNegatives;
  return {
    detectionRate: rate(c.truePositives, attacks),
    falseAlarmRate: rate(c.falsePositives, c.falsePositives + c.trueNegatives),
    precision: alerts === 0 ? null : c.truePositives / alerts,
    f1: attacks === 0 ? null : (2 * c.truePositives) / (2 * c.truePositives + errors),
  };
}

/** `count` of `total` as a share with its interval. */
export function rate(count: number, total: number): Rate | null {
  return total === 0 ? null : { value: count / total, interval: wilsonInterval(count, total) };
}
