import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DetectorDocument, UserError } from '@edgeguard/contracts';
import {
  budgetTable,
  changePolicy,
  chooseThreshold,
  conformalThreshold,
  parseBudget,
  pValueTable,
  readPolicy,
  thresholdInForce,
  writePolicy,
} from '../../src/index.ts';
import { detectorDocument } from '../support/detector-document.ts';
import { seededNormal } from '../support/seeded-random.ts';

function documentOf(scores: Float32Array): DetectorDocument {
  return { ...detectorDocument(), pValues: pValueTable(scores) };
}

function logNormal(rows: number): Float32Array {
  const normal = seededNormal(rows);
  return Float32Array.from({ length: rows }, () => Math.exp(normal()));
}

describe('parseBudget', () => {
  it('reads what people say', () => {
    expect(parseBudget('0.1%')).toEqual({ kind: 'rate', rate: 0.001 });
    expect(parseBudget('5/day')).toEqual({ kind: 'alarms', count: 5, seconds: 86_400 });
    expect(parseBudget(' 0.5 / Week ')).toEqual({ kind: 'alarms', count: 0.5, seconds: 604_800 });
    expect(parseBudget('5% of blocks')).toEqual({ kind: 'blocks', rate: 0.05 });
    expect(parseBudget('quantile=0.999')).toEqual({ kind: 'quantile', quantile: 0.999 });
    expect(parseBudget('score=-1.5e1')).toEqual({ kind: 'score', score: -15 });
  });

  it.each(['', '5', '0%', '100%', '-1%', '0/day', '5/month', 'quantile=1', 'score=', 'score=x', '1e999/day%'])(
    'refuses "%s" and says what it takes',
    (text) => {
      expect(() => parseBudget(text)).toThrow(UserError);
      expect(() => parseBudget(text)).toThrow(/say 0\.1%, 5\/day, quantile=0\.999 or score=12\.5/);
    },
  );
});

describe('chooseThreshold', () => {
  it('finds the same conformal threshold in the table as in the scores', () => {
    for (const rows of [3000, 8000, 20_000]) {
      const scores = logNormal(rows);
      for (const rate of [0.001, 0.003, 0.01, 0.02]) {
        const wanted = conformalThreshold(scores, { falseAlarmRate: rate, confidence: 0.95 });
        const choice = chooseThreshold(documentOf(scores), { kind: 'rate', rate });
        expect(choice).toMatchObject({ threshold: wanted.value, rank: wanted.rank, expectedRate: wanted.expectedRate });
      }
    }
  });

  it('is never looser than the scores allow, also where the table is coarse or scores tie', () => {
    const scores = fc.array(fc.oneof(fc.integer({ min: 0, max: 9 }), fc.float({ min: 0, max: 9, noNaN: true })), {
      minLength: 60,
      maxLength: 4000,
    });
    fc.assert(
      fc.property(scores, fc.double({ min: 0.05, max: 0.9, noNaN: true }), (values, rate) => {
        const calibration = Float32Array.from(values);
        const choice = chooseThreshold(documentOf(calibration), { kind: 'rate', rate });
        const wanted = conformalThreshold(calibration, { falseAlarmRate: rate, confidence: 0.95 });
        expect(choice.threshold).toBeGreaterThanOrEqual(wanted.value);
        expect(choice.rank).toBeLessThanOrEqual(wanted.rank);
        expect(calibration.filter((score) => score > choice.threshold).length).toBeLessThanOrEqual(wanted.rank);
      }),
      { numRuns: 100 },
    );
  });

  it('says what a budget needs that it cannot support', () => {
    const document = documentOf(logNormal(500));
    expect(() => chooseThreshold(document, { kind: 'rate', rate: 0.001 })).toThrow(
      /its 500 calibration rows cannot promise a false alarm rate of 0\.001 .* needs 2995; calibrate with 2495 more/,
    );
    expect(() => chooseThreshold(document, { kind: 'alarms', count: 5, seconds: 86_400 })).toThrow(/rows per day/);
  });

  it('turns alarms per day into a rate, and says what that takes for granted', () => {
    const document = documentOf(logNormal(8000));
    const choice = chooseThreshold(document, parseBudget('10/day'), { rowsPerDay: 5000 });
    expect(choice.falseAlarmRate).toBeCloseTo(0.002, 12);
    expect(choice.assumption).toMatch(/5000 rows a day/);
    expect(chooseThreshold(document, parseBudget('70/week'), { rowsPerDay: 5000 }).falseAlarmRate).toBeCloseTo(
      0.002,
      12,
    );
  });

  it('takes a quantile or a score as it is and promises nothing', () => {
    const scores = Float32Array.from({ length: 1000 }, (_, i) => i);
    const document = documentOf(scores);
    expect(chooseThreshold(document, parseBudget('quantile=0.99'))).toMatchObject({ threshold: 990, rank: 10 });
    const byHand = chooseThreshold(document, parseBudget('score=994.5'));
    expect(byHand).toMatchObject({ threshold: 994.5, basis: 'score', rank: 6 });
    expect(byHand.falseAlarmRate).toBeUndefined();
  });
});

describe('budgetTable', () => {
  it('shows costs, findings, and what cannot be had', () => {
    const document = documentOf(Float32Array.from({ length: 5000 }, (_, i) => i / 5000));
    const labelled = { scores: [0.5, 0.9999, 2, 2, 0.1], attack: [0, 0, 1, 1, 1] };
    const [percent, tenth, hundredth] = budgetTable(document, ['1%', '0.1%', '0.01%'], {
      rowsPerDay: 10_000,
      labelled,
    });
    expect(percent).toMatchObject({ budget: '1%', detectionRate: 2 / 3, precision: 2 / 3 });
    expect(percent!.alarmsPerDay).toBeCloseTo(10_000 * percent!.choice!.expectedRate, 9);
    expect(percent!.choice!.expectedRate).toBeLessThan(0.01);
    expect(tenth!.choice!.threshold).toBeGreaterThan(percent!.choice!.threshold);
    expect(hundredth!.choice).toBeUndefined();
    expect(hundredth!.unsupported).toMatch(/needs 29956/);
  });
});

describe('a policy', () => {
  const document = documentOf(logNormal(4000));
  const subject = { document, modelDigest: 'a'.repeat(64) };
  const note = { at: new Date('2026-01-05T10:00:00Z'), budget: '0.1%', exploratory: false, by: 'an operator' };
  const policy = changePolicy(subject, undefined, chooseThreshold(document, parseBudget('0.1%')), note);

  it('puts a threshold into force, keeps the history and leaves the detector alone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'edgeguard-policy-'));
    const path = join(folder, 'detector.policy.json');
    await writePolicy(path, policy);
    const read = await readPolicy(path, subject);
    expect(read).toEqual(policy);
    const choice = chooseThreshold(document, parseBudget('score=3'));
    const changed = changePolicy(subject, read, choice, {
      ...note,
      budget: 'score=3',
      reason: 'night shift',
      exploratory: true,
    });
    expect(changed.history.map(({ budget, threshold, exploratory }) => [budget, threshold, exploratory])).toEqual([
      ['0.1%', policy.history[0]!.threshold, false],
      ['score=3', 3, true],
    ]);
    expect(thresholdInForce(subject, changed)).toBe(3);
    expect(thresholdInForce(subject)).toBe(document.threshold.value);
    await rm(folder, { recursive: true });
  });

  it('is refused for another model, and when it is damaged', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'edgeguard-policy-'));
    const path = join(folder, 'detector.policy.json');
    await writePolicy(path, policy);
    const other = { document, modelDigest: 'b'.repeat(64) };
    await expect(readPolicy(path, other)).rejects.toThrow(/policy\.json: it is for another model .*aaaaaaaaaaaa/);
    expect(() => changePolicy(other, policy, chooseThreshold(document, parseBudget('1%')), note)).toThrow(UserError);
    await writeFile(path, JSON.stringify({ ...policy, history: [] }));
    await expect(readPolicy(path, subject)).rejects.toThrow(/policy\.json: history/);
    await writeFile(path, JSON.stringify({ ...policy, treshold: 3 }));
    await expect(readPolicy(path, subject)).rejects.toThrow(/treshold: unknown key/);
    await rm(folder, { recursive: true });
  });
});
