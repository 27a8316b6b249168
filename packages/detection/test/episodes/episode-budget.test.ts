import { describe, expect, it } from 'vitest';
import { UserError } from '@edgeguard/contracts';
import {
  episodeCurve,
  episodesPerDay,
  episodeThreshold,
  poissonUpperBound,
} from '../../src/episodes/episode-budget.ts';
import type { EpisodeAlert } from '../../src/episodes/episode.ts';
import { EpisodeTracker } from '../../src/episodes/episode-tracker.ts';
import { seededRandom } from '../support/seeded-random.ts';

const DAY = 86_400n * 1_000_000_000n;

function record(time: bigint, source: string, score: number): EpisodeAlert {
  return { time, source, target: 'x', score, pValue: 1, severity: 3, causes: [source] };
}

/** Normal traffic of some days: bursts of alerts of one host each, whose scores have a heavy tail. */
function normalRecords(days: number, perDay: number, seed: number): EpisodeAlert[] {
  const random = seededRandom(seed);
  const records: EpisodeAlert[] = [];
  for (let burst = 0; burst < days * perDay; burst++) {
    const start = BigInt(Math.floor(random() * days * 86_400)) * 1_000_000_000n;
    const level = 1 / (1 - random());
    const length = 1 + Math.floor(random() * 20);
    for (let i = 0; i < length; i++) {
      records.push(record(start + BigInt(i) * 30_000_000_000n, `h${burst % 500}`, level * (0.5 + random())));
    }
  }
  return records.sort((a, b) => Number(a.time - b.time));
}

function episodesAbove(records: readonly EpisodeAlert[], threshold: number): number {
  const tracker = new EpisodeTracker();
  return records
    .filter(({ score }) => score > threshold)
    .flatMap((each) => tracker.observe(each))
    .filter(({ kind }) => kind === 'open').length;
}

describe('poissonUpperBound', () => {
  it('has the values of the tables', () => {
    expect(poissonUpperBound(0, 0.95)).toBeCloseTo(2.9957, 3);
    expect(poissonUpperBound(1, 0.95)).toBeCloseTo(4.7439, 3);
    expect(poissonUpperBound(10, 0.95)).toBeCloseTo(16.9622, 3);
    expect(poissonUpperBound(1000, 0.95)).toBeGreaterThan(1050);
    expect(poissonUpperBound(1000, 0.95)).toBeLessThan(1060);
  });
});

describe('episodeThreshold', () => {
  const records = normalRecords(10, 200, 1);

  it('keeps the number of episodes per day on the records it was set on, with its bound', () => {
    for (const perDay of [1, 5, 20, 100]) {
      const found = episodeThreshold(episodeCurve(records, 10, 0), { perDay });
      expect(found.expectedPerDay).toBe(episodesAbove(records, found.threshold) / 10);
      expect(found.boundPerDay).toBeLessThanOrEqual(perDay);
      expect(found.expectedPerDay).toBeGreaterThan(perDay * 0.3);
      expect(found.expectedPerDay).toBeLessThan(found.boundPerDay);
    }
  });

  it('keeps it on other days of the same traffic nine times in ten or more', () => {
    let kept = 0;
    for (let seed = 2; seed < 22; seed++) {
      const { threshold } = episodeThreshold(episodeCurve(normalRecords(10, 50, seed), 10, 0), { perDay: 5 });
      if (episodesAbove(normalRecords(40, 50, seed + 100), threshold) / 40 <= 5) kept++;
    }
    expect(kept).toBeGreaterThanOrEqual(18);
  });

  it('counts the monotone envelope, from the highest score down to the floor', () => {
    const { thresholds, episodes } = episodeCurve(records, 10, 0.7);
    expect(episodes[0]).toBe(0);
    expect(thresholds.at(-1)).toBe(0.7);
    for (let i = 1; i < thresholds.length; i++) {
      expect(thresholds[i]!).toBeLessThan(thresholds[i - 1]!);
      expect(episodes[i]!).toBeGreaterThanOrEqual(episodes[i - 1]!);
    }
    // A chain of alerts that only the lower threshold closes: more episodes at the higher one.
    const chain = [0, 1, 2].map((i) => record((BigInt(i) * 200n * DAY) / 86_400n, 'a', i === 1 ? 1 : 2));
    expect([episodesAbove(chain, 0.5), episodesAbove(chain, 1.5)]).toEqual([1, 2]);
    expect(episodeCurve(chain, 100, 0.5).episodes.at(-1)).toBe(2);
  });

  it('says how many days a budget needs', () => {
    expect(() => episodeThreshold(episodeCurve(records, 2, 0), { perDay: 1 })).toThrow(UserError);
    expect(() => episodeThreshold(episodeCurve(records, 2, 0), { perDay: 1 })).toThrow(
      /2 days of calibration traffic cannot promise at most 1 episode per day with 95 % confidence: that needs 3 days; add 0\.996 days/,
    );
  });

  it('tells of any threshold, never too little', () => {
    const curve = episodeCurve(records, 10, 0.7);
    for (const threshold of [0.9, 3.3, 40]) {
      const told = episodesPerDay(curve, threshold)!;
      expect(told.expectedPerDay).toBeGreaterThanOrEqual(episodesAbove(records, threshold) / 10);
      expect(told.boundPerDay).toBeGreaterThan(told.expectedPerDay);
    }
    expect(episodesPerDay(curve, 0.6)).toBeUndefined();
  });

  it('works without a single record', () => {
    expect(episodeThreshold(episodeCurve([], 10, 3), { perDay: 1 })).toMatchObject({ threshold: 3, expectedPerDay: 0 });
  });
});
