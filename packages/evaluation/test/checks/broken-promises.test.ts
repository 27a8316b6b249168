import { describe, expect, it } from 'vitest';
import type { EvaluationDocument, Outcome, ResultDocument } from '../../src/index.ts';
import { brokenPromises } from '../../src/broken-promises.ts';
import { realisedBudgets } from '../../src/budgets.ts';
import { poissonInterval } from '../../src/metrics/poisson-interval.ts';
import type { Scores } from '../../src/index.ts';

const RATE = { value: 0.026, interval: [0.02, 0.03] as const };

function detector(outcome: Outcome): Pick<ResultDocument, 'name' | 'budgets' | 'episodeBudgets'> {
  const line = {
    falseAlarmRate: 0.01,
    threshold: 2,
    expectedRate: 0.009,
    realised: RATE,
    detectionRate: null,
    falseAlarmsPerDay: null,
    expectedEpisodesPerDay: null,
    episodesPerDay: null,
    outcome,
  };
  return { name: 'int8', budgets: [line], episodeBudgets: [] };
}

const checks = (more: Partial<EvaluationDocument['dataChecks']> = {}): EvaluationDocument['dataChecks'] => ({
  sharedRows: { normalSeenBefore: 0, attackSeenBefore: 0, repeated: 0 },
  singleFeatures: [],
  suspiciousFeatures: [],
  timeOrder: null,
  drift: [],
  testDrift: null,
  testApart: null,
  ...more,
});

describe('a promise that was not kept', () => {
  it('is named with what came of it; one that chance explains is not', () => {
    expect(brokenPromises([detector('kept'), detector('chance')], checks({ testApart: true }), false)).toEqual([]);
    const [what, why] = brokenPromises([detector('broken')], checks(), false);
    expect(what).toBe('Promises that were not kept on the test split: int8: 2.6 % for 1 %.');
    expect(why).toBe('Nothing in the rows tells why.');
  });

  it('is put down to other files, and to features that moved in more blocks than chance moves', () => {
    const moved = [
      { name: 'sttl', blocks: 9 },
      { name: 'rate', blocks: 1 },
    ];
    const testDrift = { state: 'drifted', cause: 'network', blockRows: 200, blocks: 20, moved } as const;
    const [, ...reasons] = brokenPromises([detector('broken')], checks({ testApart: true, testDrift }), false);
    expect(reasons).toHaveLength(2);
    expect(reasons[0]).toContain('other files or groups');
    expect(reasons[1]).toContain('of 20 blocks of rows there moved sttl in 9.');
  });

  it('is told from chance by the interval of what was counted', () => {
    const calibration = Float32Array.from({ length: 2000 }, (_, i) => i + 1);
    const outcome = (falseAlarms: number): Outcome | null => {
      const normal: Scores = Float32Array.from({ length: 1000 }, (_, i) => (i < 1000 - falseAlarms ? 0 : 1e6));
      const none = new Float32Array(0);
      const test = { normal, attack: none, collateral: none, unknown: none, perAttack: new Map() };
      const line = realisedBudgets(calibration, test, 0.95, null, null).find((each) => each.falseAlarmRate === 0.01);
      return line!.outcome;
    };
    expect(outcome(10)).toBe('kept');
    expect(outcome(13)).toBe('chance');
    // The lower end of Wilson's interval of 19 in 1000 is 1.2 %.
    expect(outcome(19)).toBe('broken');
  });
});

describe('the interval of a number of events', () => {
  it('is that of Garwood', () => {
    // scipy.stats.chi2.ppf(0.025, 20) / 2 and chi2.ppf(0.975, 22) / 2
    const [low, high] = poissonInterval(10);
    expect(low).toBeCloseTo(4.7954, 4);
    expect(high).toBeCloseTo(18.3904, 4);
    expect(poissonInterval(0)).toEqual([0, expect.closeTo(3.6889, 4)]);
  });
});
