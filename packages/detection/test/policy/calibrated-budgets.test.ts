import { describe, expect, it } from 'vitest';
import type { DetectorDocument } from '@edgeguard/contracts';
import {
  budgetTable,
  changePolicy,
  chooseThreshold,
  describeTail,
  parseBudget,
  PolicySchema,
  pValueTable,
} from '../../src/index.ts';
import { detectorDocument } from '../support/detector-document.ts';
import { seededRandom } from '../support/seeded-random.ts';

/** Scores with the tail 1 / s. */
function heavy(rows: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: rows }, () => 1 / (1 - random()));
}

function calibrated(rows = 2000, seed = 1): DetectorDocument {
  const scores = heavy(rows, seed);
  const maxima = [...scores].sort((a, b) => b - a).slice(0, 200);
  return {
    ...detectorDocument(),
    pValues: pValueTable(scores),
    calibration: {
      days: 2,
      tail: describeTail(scores),
      blocks: { unit: 'host-day', count: 200, maxima },
      episodes: { days: 2, records: 100, thresholds: [90, 50, 20, 10], episodes: [0, 1, 6, 40] },
      categories: [],
    },
  };
}

describe('a budget per day', () => {
  it('counts episodes where the detector has replayed them', () => {
    const choice = chooseThreshold(calibrated(), parseBudget('10/day'));
    // 20 episodes in two days are borne; 6 have an upper bound of 11.8, 40 one above 20.
    expect(choice).toMatchObject({ basis: 'episodes', threshold: 20, episodesPerDay: 10, confidence: 0.95 });
    expect(choice.assumption).toMatch(/replayed over 2 days/);
    expect(chooseThreshold(calibrated(), parseBudget('3/day')).threshold).toBe(50);
  });

  it('is refused with the days that are missing, or extrapolated where that is asked for', () => {
    expect(() => chooseThreshold(calibrated(), parseBudget('1/day'))).toThrow(
      /detector test: 2 days of calibration traffic cannot promise at most 1 episode per day .* needs 3 days; add 0\.996 days/,
    );
    const choice = chooseThreshold(calibrated(), parseBudget('1/day'), { extrapolate: true });
    expect(choice.basis).toBe('extrapolation');
    expect(choice.expectedRate).toBe(1 / 1000);
    expect(choice.assumption).toMatch(/1000 rows a day, each an alarm of its own; EXTRAPOLATION/);
  });
});

describe('a budget of blocks', () => {
  it('keeps a share of blocks', () => {
    const document = calibrated();
    const { maxima } = document.calibration!.blocks!;
    // The largest r with P(Binomial(200, 5 %) >= r) >= 95 % is 5.
    expect(chooseThreshold(document, parseBudget('5% of blocks'))).toMatchObject({
      basis: 'blocks',
      threshold: maxima[4],
      alarmingBlockRate: 0.05,
    });
    expect(() => chooseThreshold(document, parseBudget('1% of blocks'))).toThrow(/needs 299; add 99 more blocks/);
    expect(() => chooseThreshold(detectorDocument(), parseBudget('5% of blocks'))).toThrow(/no time/);
  });
});

describe('extrapolation', () => {
  it('is never silent: only where asked for, with its interval, and no promise', () => {
    const document = calibrated();
    expect(() => chooseThreshold(document, parseBudget('0.01%'))).toThrow(/needs 29956/);
    const choice = chooseThreshold(document, parseBudget('0.01%'), { extrapolate: true });
    expect(choice.basis).toBe('extrapolation');
    expect(choice.confidence).toBeUndefined();
    expect(choice.falseAlarmRate).toBeUndefined();
    // The true score of this rate is 10,000.
    expect(choice.interval![0]).toBeLessThan(10_000);
    expect(choice.interval![1]).toBeGreaterThan(10_000);
    const supported = chooseThreshold(document, parseBudget('1%'), { extrapolate: true });
    expect(supported.basis).toBe('conformal');
  });

  it('is refused with the reason where no tail fits', () => {
    const document = calibrated();
    const refused = { ...document, calibration: { ...document.calibration!, tail: { fits: false, reason: 'no fit' } } };
    expect(() => chooseThreshold(refused as DetectorDocument, parseBudget('0.01%'), { extrapolate: true })).toThrow(
      /needs 29956, and extrapolation is refused: no fit/,
    );
    expect(() => chooseThreshold(detectorDocument(), parseBudget('0.01%'), { extrapolate: true })).toThrow(
      /carries no tail model/,
    );
  });

  it('stays labelled in the policy', () => {
    const document = calibrated();
    const choice = chooseThreshold(document, parseBudget('0.01%'), { extrapolate: true });
    const note = { at: new Date(0), budget: '0.01%', exploratory: false };
    const policy = changePolicy({ document, modelDigest: 'a'.repeat(64) }, undefined, choice, note);
    const [change] = PolicySchema.parse(JSON.parse(JSON.stringify(policy))).history;
    expect(change).toMatchObject({ basis: 'extrapolation', interval: choice.interval });
  });
});

describe('the simultaneous bound', () => {
  it('holds for every line of the table at once in 95 % of calibration draws or more', () => {
    const budgets = ['5%', '2%', '1%', '0.5%', 'score=30', 'quantile=0.99'];
    let kept = 0;
    let single = 0;
    for (let draw = 0; draw < 300; draw++) {
      const document = { ...detectorDocument(), pValues: pValueTable(heavy(1500, 1000 + draw)) };
      const lines = budgetTable(document, budgets);
      // P(score > t) = 1 / t.
      if (lines.every(({ choice, jointBound }) => 1 / choice!.threshold <= jointBound!)) kept++;
      if (lines.slice(0, 4).every(({ choice }) => 1 / choice!.threshold <= choice!.falseAlarmRate!)) single++;
    }
    expect(kept / 300).toBeGreaterThanOrEqual(0.95);
    // Each promise by itself holds in 95 %, all of them together in fewer.
    expect(single / 300).toBeLessThan(0.93);
  });

  it('stands beside episodes and blocks', () => {
    const [line] = budgetTable(calibrated(), ['score=25']);
    expect(line).toMatchObject({ episodes: { expectedPerDay: 3 } });
    const { maxima } = calibrated().calibration!.blocks!;
    expect(line!.alarmingBlocks).toBe(maxima.filter((score) => score > 25).length / 200);
    expect(budgetTable(calibrated(), ['score=5'])[0]!.episodes).toBeUndefined();
  });
});
