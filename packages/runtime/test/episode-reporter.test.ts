import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Alert } from '../src/index.ts';
import { EpisodeReporter } from '../src/alert/episode-reporter.ts';
import { EXAMPLE_ALERT } from './example-alert.ts';

const SECOND = 1_000_000_000n;

function alert(second: number, source: string, destination: string, score = 10): Alert {
  return {
    ...EXAMPLE_ALERT,
    time: BigInt(Math.round(second * 1000)) * 1_000_000n,
    score,
    flow: { ...EXAMPLE_ALERT.flow, source: { address: source }, destination: { address: destination } },
  };
}

function report(...streams: readonly (readonly Alert[])[]): Alert[] {
  const seen: Alert[] = [];
  const reporter = new EpisodeReporter((passed) => seen.push(passed));
  for (const alerts of streams) {
    for (const each of alerts) reporter.add(each);
    reporter.finish();
  }
  return seen;
}

describe('alerts in episodes', () => {
  it('a scan of 10,000 probes in ten minutes is an opening and a closing alert', () => {
    const scan = Array.from({ length: 10_000 }, (_, i) => alert(i * 0.06, 'scanner', `host-${i % 250}`, 10 + (i % 7)));
    const [opening, closing, ...rest] = report(scan);
    expect(rest).toEqual([]);
    expect(opening).toMatchObject({ time: 0n, score: 10, episode: { state: 'open', alerts: 1 } });
    expect(closing).toMatchObject({
      flow: scan[0]!.flow,
      episode: { state: 'close', scope: 'source', source: 'scanner', alerts: 10_000, targets: 250, maxScore: 16 },
    });
  });

  it('says that an episode is over when traffic time has passed, not only when another alert comes', () => {
    const seen: Alert[] = [];
    const reporter = new EpisodeReporter((passed) => seen.push(passed));
    reporter.add(alert(0, 'a', 'b'));
    reporter.advance(3600n * SECOND);
    expect(seen.map(({ episode }) => episode?.state)).toEqual(['open', 'close']);
  });

  it('numbers the episodes of a second capture on', () => {
    const seen = report([alert(0, 'a', 'b'), alert(0, 'c', 'd')], [alert(0, 'a', 'b')]);
    expect(seen.map(({ episode }) => `${episode!.id} ${episode!.state}`)).toEqual([
      '1 open',
      '2 open',
      '1 close',
      '2 close',
      '3 open',
      '3 close',
    ]);
  });

  it('never loses count, whatever comes', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g');
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(400), name, name), { maxLength: 100 }), (events) => {
        let second = 0;
        const alerts = events.map(([gap, source, destination]) => alert((second += gap), source, destination));
        const closed = report(alerts).filter(({ episode }) => episode!.state === 'close');
        expect(closed.reduce((sum, { episode }) => sum + episode!.alerts, 0)).toBe(alerts.length);
      }),
    );
  });
});
