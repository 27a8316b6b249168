import { eachOperatingPoint } from './ranking.ts';
import type { Scores } from './scores.ts';

/**
 * What each threshold does, from the strictest to the loosest: alerting on every score >= `score[i]` gives so many false
 * alarms and detections. The ROC and the precision-recall curve are two views of it.
 */
export interface OperatingCurve {
  readonly normalRows: number;
  readonly attackRows: number;
  readonly score: readonly number[];
  readonly falseAlarms: readonly number[];
  readonly detections: readonly number[];
}

/**
 * The operating curve thinned to at most `points` points, each of them exact. Half of the points are even along the
 * curve on linear axes, half on a logarithmic false alarm axis, where the useful thresholds are. Both lists ascend.
 */
export function operatingCurve(normal: Scores, attack: Scores, points: number): OperatingCurve {
  const rows = normal.length + attack.length;
  const score = new Float64Array(rows);
  const falseAlarms = new Uint32Array(rows);
  const detections = new Uint32Array(rows);
  let count = 0;
  eachOperatingPoint(normal, attack, (s, f, d) => {
    score[count] = s;
    falseAlarms[count] = f;
    detections[count] = d;
    count++;
  });
  const perNormal = 1 / Math.max(1, normal.length);
  const perAttack = 1 / Math.max(1, attack.length);
  const decades = Math.log10(normal.length + 1);
  const linear = (i: number): number => falseAlarms[i]! * perNormal + detections[i]! * perAttack;
  const logarithmic = (i: number): number =>
    Math.log10(1 + falseAlarms[i]!) / Math.max(decades, 1e-9) + detections[i]! * perAttack;
  const kept = new Set<number>();
  if (count <= points) for (let i = 0; i < count; i++) kept.add(i);
  else {
    const half = (points - 1) >> 1;
    pickEvenly(count, linear, half, kept);
    pickEvenly(count, logarithmic, points - 1 - half, kept);
    kept.add(count - 1);
  }
  const order = [...kept].sort((a, b) => a - b);
  return {
    normalRows: normal.length,
    attackRows: attack.length,
    score: order.map((i) => score[i]!),
    falseAlarms: order.map((i) => falseAlarms[i]!),
    detections: order.map((i) => detections[i]!),
  };
}

/** Adds to `kept` at most `wanted` of `count` indices, evenly spaced in a measure that grows with the index. */
function pickEvenly(count: number, measure: (index: number) => number, wanted: number, kept: Set<number>): void {
  const first = measure(0);
  const span = measure(count - 1) - first;
  let index = 0;
  for (let k = 0; k < wanted; k++) {
    const target = first + (span * k) / Math.max(1, wanted - 1);
    while (index < count - 1 && measure(index) < target) index++;
    kept.add(index);
  }
}
