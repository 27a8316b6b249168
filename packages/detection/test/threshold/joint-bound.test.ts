import { describe, expect, it } from 'vitest';
import { falseAlarmBound } from '../../src/threshold/false-alarm-bound.ts';
import { JointBound } from '../../src/threshold/joint-bound.ts';
import { seededRandom } from '../support/seeded-random.ts';

describe('the joint bound', () => {
  it('holds at every calibration score at once, in 95 % of draws or more', () => {
    const rows = 1000;
    const draws = 400;
    const bound = new JointBound(rows, 0.95, [5]);
    let kept = 0;
    let single = 0;
    for (let draw = 0; draw < draws; draw++) {
      const random = seededRandom(7000 + draw);
      const scores = Float64Array.from({ length: rows }, random).sort().toReversed();
      // P(score > t) = 1 - t.
      if (scores.every((score, i) => 1 - score <= bound.at(i + 1))) kept++;
      if ([1, 5, 50, 500].every((rank) => 1 - scores[rank - 1]! <= falseAlarmBound(rows, rank, 0.95))) single++;
    }
    expect(kept / draws).toBeGreaterThanOrEqual(0.95);
    // Bounds for one threshold each do not hold together.
    expect(single / draws).toBeLessThan(0.92);
  });

  it('grows with the rank, is finer at ranks that are looked at, and 1 below all scores', () => {
    const bound = new JointBound(15_786, 0.95, [138]);
    for (let rank = 1; rank < 15_786; rank += 37) expect(bound.at(rank)).toBeLessThanOrEqual(bound.at(rank + 1));
    expect(bound.at(138)).toBeLessThan(bound.at(139));
    expect(bound.at(15_787)).toBe(1);
    // Seven of 15,786 rows: a band around the whole distribution would say 1.3 %.
    expect(bound.at(7)).toBeLessThan(0.0013);
  });
});
