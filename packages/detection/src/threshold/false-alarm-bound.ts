import { binomialUpperTail } from './incomplete-beta.ts';

/**
 * Upper bound of the false alarm rate when the threshold is the `rank`-th largest of `rows` calibration scores: the rate
 * follows Beta(rank, rows - rank + 1) for independent rows. Equals the upper limit of Clopper and Pearson (1934) for
 * rank - 1 alarms among the calibration rows. 1 when the threshold lies below all of them.
 */
export function falseAlarmBound(rows: number, rank: number, confidence: number): number {
  if (rank > rows) return 1;
  let low = 0;
  let high = 1;
  // The chance that the rate is at most p grows with p.
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (binomialUpperTail(rows, middle, rank) >= confidence) high = middle;
    else low = middle;
  }
  return high;
}
