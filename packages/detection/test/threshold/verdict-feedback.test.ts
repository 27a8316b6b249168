import { expect, it } from 'vitest';
import { conformalThreshold } from '../../src/threshold/conformal-threshold.ts';
import { seededRandom } from '../support/seeded-random.ts';

/** Rows of traffic after calibration; what alarmed among them was confirmed a false positive and fed back. */
const LIVE_ROWS = 30_000;

it('false positives fed back into calibration break its promise, for the scores are no longer a fair sample', () => {
  const random = seededRandom(21);
  const budget = { falseAlarmRate: 0.01, confidence: 0.95 };
  const draws = 300;
  let kept = 0;
  let keptAfter = 0;
  let strictness = 0;
  for (let draw = 0; draw < draws; draw++) {
    const fair = Float64Array.from({ length: 2000 }, random);
    const { value } = conformalThreshold(fair, budget);
    const confirmed = Float64Array.from({ length: LIVE_ROWS }, random).filter((score) => score > value);
    const fed = conformalThreshold(Float64Array.from([...fair, ...confirmed]), budget);
    if (1 - value <= budget.falseAlarmRate) kept++;
    if (1 - fed.value <= budget.falseAlarmRate) keptAfter++;
    strictness += (1 - fed.value) / fed.expectedRate / draws;
  }
  expect(kept / draws).toBeGreaterThan(0.92);
  // What it says of itself is no longer so: the true rate is a small part of the rate that it expects, so that real
  // attacks are missed which the budget would have paid for.
  expect(keptAfter / draws).toBe(1);
  expect(strictness).toBeLessThan(0.25);
});
