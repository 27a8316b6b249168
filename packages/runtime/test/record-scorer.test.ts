import { beforeAll, describe, expect, it } from 'vitest';
import { type Detector, openDetector, RowThresholds } from '@edgeguard/detection';
import { FlowRecord } from '@edgeguard/metering';
import { EpisodeReporter } from '../src/alert/episode-reporter.ts';
import type { AlertContext, Sighting } from '../src/alert/sighting.ts';
import type { Alert } from '../src/index.ts';
import { RecordScorer } from '../src/detect/record-scorer.ts';
import { zScoreDetector } from './z-score-detector.ts';

let detector: Detector;

beforeAll(async () => {
  detector = await openDetector(await zScoreDetector());
});

function contextOf(threshold: number): AlertContext {
  return {
    document: detector.document,
    detector: { name: 'z-score', precision: 'float32', model: detector.modelDigest },
    thresholds: new RowThresholds(detector.document, threshold),
  };
}

function scorer(threshold: number): { scorer: RecordScorer; alerts: Alert[] } {
  const alerts: Alert[] = [];
  const watcher = { sighting: (sighting: Sighting) => void alerts.push(sighting.alert()) };
  return { scorer: new RecordScorer(detector, contextOf(threshold), watcher), alerts };
}

function record(seconds: number, value: number): FlowRecord {
  const made = new FlowRecord();
  made.features = new Float32Array(detector.featureCount).fill(value);
  made.timeSeconds = seconds;
  made.ageClass = 1;
  made.protocol = 6;
  return made;
}

describe('the scorer of records', () => {
  it('scores when a second of traffic time has passed, not before', () => {
    const { scorer: scores } = scorer(Infinity);
    scores.record(record(100, 0));
    scores.record(record(100, 0));
    expect(scores.scored).toBe(0);
    scores.record(record(101, 0));
    expect(scores.scored).toBe(2);
    scores.flush();
    expect(scores.scored).toBe(3);
  });

  it('scores when a batch is full', () => {
    const { scorer: scores, alerts } = scorer(-1);
    for (let i = 0; i < 256; i++) scores.record(record(100, i));
    expect(scores.scored).toBe(256);
    expect(alerts.length).toBe(256);
  });

  it.each([Number.NaN, Infinity, -Infinity])('counts records with %d, and never alerts on them', (value) => {
    const { scorer: scores, alerts } = scorer(-1);
    const broken = record(100, 0);
    broken.features[3] = value;
    scores.record(record(100, 0));
    scores.record(broken);
    scores.record(record(100, 1));
    scores.flush();
    expect({ scored: scores.scored, nonFinite: scores.nonFinite, alerts: alerts.length }).toEqual({
      scored: 2,
      nonFinite: 1,
      alerts: 2,
    });
  });

  it('says which alerts came while the windows were still filling', () => {
    const { scorer: scores, alerts } = scorer(-1);
    const early = record(100, 1);
    early.windows.sensorAge = 599;
    const later = record(100, 1);
    later.windows.sensorAge = 600;
    scores.record(early);
    scores.record(later);
    scores.flush();
    expect(alerts.map(({ coldStart }) => coldStart)).toEqual([true, false]);
    expect(scores.coldStart).toBe(1);
  });

  it('scores few rows of a flood again to say what it looks like', () => {
    const alerts: Alert[] = [];
    const reporter = new EpisodeReporter((alert) => alerts.push(alert));
    let again = 0;
    const counting = new Proxy(detector, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...parameters: unknown[]) => {
          if (name === 'score' && parameters[1] === 1) again++;
          return value.apply(target, parameters);
        };
      },
    });
    const scores = new RecordScorer(counting, contextOf(-1), { sighting: (sighting) => reporter.add(sighting) });
    const records = 4096;
    // All that can speak for a type is far above what is usual, so that each type is scored.
    for (let i = 0; i < records; i++) scores.record(record(100, 1e9));
    scores.flush();
    reporter.finish();
    expect(alerts.at(-1)!.episode).toMatchObject({ state: 'close', alerts: records });
    expect(again).toBeGreaterThan(100);
    expect(again).toBeLessThan(records / 2);
  });

  it('tells each row of a batch apart: identity, score and reasons belong together', () => {
    const { scorer: scores, alerts } = scorer(-1);
    for (let i = 0; i < 5; i++) {
      const made = record(100, i);
      made.sourcePort = 1000 + i;
      scores.record(made);
    }
    scores.flush();
    expect(alerts.map(({ flow }) => flow!.source.port)).toEqual([1000, 1001, 1002, 1003, 1004]);
    for (const [i, alert] of alerts.entries()) {
      const row = record(100, i).features;
      const alone = new Float32Array(1);
      detector.score(row, 1, alone);
      expect(alert.score).toBeCloseTo(alone[0]!, 3);
      const numbers = alert.contributions.map(({ observed }) => observed).filter((v) => typeof v === 'number');
      expect(new Set(numbers)).toEqual(new Set([i]));
    }
  });
});
