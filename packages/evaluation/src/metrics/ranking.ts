import type { Scores } from './scores.ts';

/**
 * Area under the ROC curve: the chance that a random attack row scores above a random normal row, ties counting half
 * (the Mann–Whitney statistic with mid-ranks). Exact. Both lists ascend; null without rows of either kind.
 */
export function rocAuc(normal: Scores, attack: Scores): number | null {
  if (normal.length === 0 || attack.length === 0) return null;
  // Counts of normal rows below and at most each attack score, summed twice over to stay in integers.
  let below = 0;
  let atMost = 0;
  let doubled = 0;
  for (let i = 0; i < attack.length; i++) {
    const score = attack[i]!;
    while (below < normal.length && normal[below]! < score) below++;
    if (atMost < below) atMost = below;
    while (atMost < normal.length && normal[atMost]! <= score) atMost++;
    doubled += below + atMost;
  }
  return doubled / (2 * normal.length * attack.length);
}

/**
 * Area under the precision-recall curve as average precision: the sum over distinct thresholds, from high to low, of
 * precision times the gain in recall. No interpolation, which would flatter. Both lists ascend; null without rows of either kind:
 * nothing can be imprecise without normal rows.
 */
export function averagePrecision(normal: Scores, attack: Scores): number | null {
  if (normal.length === 0 || attack.length === 0) return null;
  let sum = 0;
  let recalled = 0;
  eachOperatingPoint(normal, attack, (_, falseAlarms, detections) => {
    // Divided by the number of attacks in the end: a sum of rounded shares may exceed 1.
    sum += (detections - recalled) * (detections / (detections + falseAlarms));
    recalled = detections;
  });
  return sum / attack.length;
}

/**
 * Walks all distinct scores from high to low and reports how many rows have at least that score.
 * Both lists ascend.
 */
export function eachOperatingPoint(
  normal: Scores,
  attack: Scores,
  visit: (score: number, falseAlarms: number, detections: number) => void,
): void {
  let n = normal.length;
  let a = attack.length;
  while (n > 0 || a > 0) {
    const score = Math.max(n > 0 ? normal[n - 1]! : -Infinity, a > 0 ? attack[a - 1]! : -Infinity);
    while (n > 0 && normal[n - 1] === score) n--;
    while (a > 0 && attack[a - 1] === score) a--;
    visit(score, normal.length - n, attack.length - a);
  }
}

/**
 * The largest detection rate at a false alarm rate of at most `budget` on these very rows. An oracle figure: nobody can
 * set that threshold without labels. Both lists ascend; null without rows of either kind.
 */
export function oracleDetectionRate(normal: Scores, attack: Scores, budget: number): number | null {
  if (normal.length === 0 || attack.length === 0) return null;
  const allowed = Math.floor(budget * normal.length);
  let best = 0;
  eachOperatingPoint(normal, attack, (_, falseAlarms, detections) => {
    if (falseAlarms <= allowed && detections > best) best = detections;
  });
  return best / attack.length;
}
