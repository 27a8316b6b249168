import { describe, expect, it } from 'vitest';
import type { DetectorDocument } from '@edgeguard/contracts';
import {
  budgetTable,
  categoryLine,
  categoryScores,
  changePolicy,
  chooseCategoryThresholds,
  chooseThreshold,
  pValueTable,
  RowThresholds,
  rowThresholds,
} from '../../src/index.ts';
import { detectorDocument } from '../support/detector-document.ts';
import { seededRandom } from '../support/seeded-random.ts';

const CATEGORIES = ['http', 'dns', 'telnet'];
/** Scores of a category are so many times 1 / u. */
const LEVELS = [1, 0.2, 5];

/** Rows of http, dns and telnet, and a few of an unknown category. */
function documentOf(seed: number, counts = [6000, 3000, 900], unknown = 100): DetectorDocument {
  const random = seededRandom(seed);
  const codes = Uint16Array.from([
    ...counts.flatMap((count, i) => Array.from({ length: count }, () => i + 1)),
    ...Array.from({ length: unknown }, () => 0),
  ]);
  const scores = Float32Array.from(codes, (code) => (LEVELS[code - 1] ?? 1) / (1 - random()));
  return {
    ...detectorDocument(),
    pValues: pValueTable(scores),
    calibration: {
      tail: { fits: false, reason: 'of no interest here' },
      categories: [categoryScores(scores, { feature: 'service', categories: CATEGORIES, codes })],
    },
  };
}

describe('chooseCategoryThresholds', () => {
  it('keeps the promises of all groups together in 95 % of draws', () => {
    let kept = 0;
    for (let draw = 0; draw < 200; draw++) {
      const document = documentOf(500 + draw);
      const { groups } = chooseCategoryThresholds(document, 'service', 0.01, 1000, { loosest: 100 });
      expect(groups).toHaveLength(3);
      if (groups.every(({ code, threshold }) => LEVELS[code - 1]! / threshold <= 0.01)) kept++;
    }
    expect(kept / 200).toBeGreaterThanOrEqual(0.93);
  });

  it('is never looser than the stated factor, and says whose promise that breaks', () => {
    const document = documentOf(1);
    const { threshold } = chooseThreshold(document, { kind: 'rate', rate: 0.01 });
    const { groups, rest } = chooseCategoryThresholds(document, 'service', 0.01, threshold);
    const of = (name: string) => groups.find(({ category }) => category === name)!;
    expect(of('telnet')).toMatchObject({ threshold: 1.25 * threshold, capped: true });
    expect(of('dns').threshold).toBeLessThan(threshold / 2);
    expect(of('dns').capped).toBe(false);
    for (const { threshold: each } of [...groups, rest]) expect(each).toBeLessThanOrEqual(1.25 * threshold);
  });

  it('pools groups that cannot support the budget, and falls back to all rows where the pool cannot either', () => {
    const pooling = documentOf(2, [6000, 150, 160], 120);
    const found = chooseCategoryThresholds(pooling, 'service', 0.02, 1000, { loosest: 100 });
    expect(found.groups.map(({ category }) => category)).toEqual(['http']);
    expect(found.rest).toMatchObject({ rows: 430, pooled: true });
    const { rest } = chooseCategoryThresholds(documentOf(3, [6000, 20, 20], 20), 'service', 0.01, 77);
    expect(rest).toEqual({ threshold: 77, rows: 60, pooled: false, capped: false });
  });

  it('says where the pool of small groups would be looser than is allowed too', () => {
    // Telnet, whose scores are five times as high, in a group too small for a promise of its own.
    const document = documentOf(4, [9000, 150, 160], 120);
    const { rest } = chooseCategoryThresholds(document, 'service', 0.02, 20, { loosest: 1.25 });
    expect(rest).toMatchObject({ threshold: 25, pooled: true, capped: true });
    const { rest: kept } = chooseCategoryThresholds(document, 'service', 0.02, 20, { loosest: 1000 });
    expect(kept.capped).toBe(false);
  });

  it('gives a line of the table the rate and the finds of its own thresholds, not of the one for all rows', () => {
    const document = documentOf(1);
    const [line] = budgetTable(document, ['1%']);
    const choice = line!.choice!;
    const categories = chooseCategoryThresholds(document, 'service', 0.01, choice.threshold);
    const dns = categories.groups.find(({ category }) => category === 'dns')!;
    // An attack of dns between its threshold and the one for all rows, and a normal row of http below it.
    const codes = new Map([['service', [dns.code, 1]]]);
    const labelled = { scores: [1.01 * dns.threshold, 0], attack: [1, 0], codes };
    const own = categoryLine(document, { ...line!, choice }, categories, { labelled, rowsPerDay: 1000 });
    expect(budgetTable(document, ['1%'], { labelled })[0]).toMatchObject({ detectionRate: 0 });
    expect(own).toMatchObject({ budget: '1%', categories, detectionRate: 1, precision: 1 });
    expect(own.jointBound).toBeUndefined();
    const { expectedRate } = own.choice!;
    expect(own.alarmsPerDay).toBe(expectedRate * 1000);
    // Telnet, which is cut short, alone raises more alarms than were asked for: five in so many scores of one.
    const telnet = (0.09 * 5) / (1.25 * choice.threshold);
    expect(expectedRate).toBeGreaterThan(telnet);
    expect(expectedRate).toBeLessThan(telnet + 2 * 0.01);
  });

  it('names the features that it knows', () => {
    expect(() => chooseCategoryThresholds(documentOf(1), 'colour', 0.01, 9)).toThrow(/"colour"; name one of service/);
    expect(() => chooseCategoryThresholds(detectorDocument(), 'service', 0.01, 9)).toThrow(/convert again/);
  });
});

describe('RowThresholds', () => {
  it('finds the threshold of a row by its category, that of the rest for unknown ones', () => {
    const document = documentOf(1);
    const categories = chooseCategoryThresholds(document, 'service', 0.01, 100);
    const thresholds = new RowThresholds(document, 100, categories);
    const rows = Float32Array.of(0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 99);
    const dns = categories.groups.find(({ category }) => category === 'dns')!;
    expect([0, 4, 8].map((start) => thresholds.of(rows, start))).toEqual([
      dns.threshold,
      categories.rest.threshold,
      categories.rest.threshold,
    ]);
    expect(thresholds.lowest).toBe(dns.threshold);
    expect(new RowThresholds(document, 100).of(rows, 0)).toBe(100);
  });

  it('comes out of a policy, and is refused for categories of another detector', () => {
    const document = documentOf(1);
    const subject = { document, modelDigest: 'b'.repeat(64) };
    const choice = chooseThreshold(document, { kind: 'rate', rate: 0.01 });
    const categories = chooseCategoryThresholds(document, 'service', 0.01, choice.threshold);
    const note = { at: new Date(0), budget: '1%', exploratory: false, categories };
    const policy = changePolicy(subject, undefined, choice, note);
    const row = Float32Array.of(0, 0, 0, 2);
    expect(rowThresholds(subject, policy).of(row, 0)).toBeLessThan(choice.threshold);
    expect(rowThresholds(subject).of(row, 0)).toBe(document.threshold.value);
    const foreign = { ...document, vocabularies: { service: ['dns', 'http', 'telnet'] } };
    expect(() => new RowThresholds(foreign, 1, categories)).toThrow(/no category \d "\w+" of "service"/);
    expect(() => new RowThresholds(document, 1, { ...categories, feature: 'ports' })).toThrow(
      /no category 1 "http" of "ports"/,
    );
    const none = { ...categories, feature: 'ports', groups: [] };
    expect(() => new RowThresholds(document, 1, none)).toThrow(/no category feature "ports"/);
  });
});
