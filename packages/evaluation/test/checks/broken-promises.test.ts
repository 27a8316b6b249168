import { describe, expect, it } from 'vitest';
import type { EvaluationDocument, Outcome, ResultDocument } from '../../src/evaluation-document.ts';
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
    expect(brokenPromises([detector('kept'), detector('chance')], checks({ testApart: true }), null)).toEqual([]);
    const [what, why] = brokenPromises([detector('broken')], checks(), null);
    expect(what).toBe('Promises that were not kept on the test split: int8: 2.6 % for 1 %.');
    expect(why).toBe('Nothing in the rows tells why.');
    expect(brokenPromises([detector('broken')], checks(), 0.25)[1]).toMatch(/cover 6 hours of traffic/);
    expect(brokenPromises([detector('broken')], checks(), 2)[1]).toMatch(/rows of traffic depend on each other/);
  });

  it('is put down to other files, to features that moved more than any did before, and to drift', () => {
    const moved = [{ name: 'sttl', blocks: 9 }];
    const testDrift = { state: 'drifted', cause: 'network', blockRows: 200, blocks: 20, moved } as const;
    const drift = [
      { feature: 'sttl', validation: 0.01, calibration: 0.02, test: 0.4 },
      { feature: 'rate', validation: 0.01, calibration: 0.03, test: 0.05 },
    ];
    const found = checks({ testApart: true, testDrift, drift });
    const [, ...reasons] = brokenPromises([detector('broken')], found, null);
    expect(reasons).toHaveLength(3);
    expect(reasons[0]).toContain('other files or groups');
    expect(reasons[1]).toMatch(/in 1 of 2 features .*: sttl 0\.4\), .*in none \(0\.03 at most\)/);
    expect(reasons[2]).toContain('of 20 blocks there moved sttl in 9.');
    const stable = { ...testDrift, state: 'stable', cause: null } as const;
    expect(brokenPromises([detector('broken')], { ...found, testDrift: stable }, null)).toHaveLength(3);
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
