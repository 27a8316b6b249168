import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Alert } from '../src/index.ts';
import { EpisodeReporter } from '../src/alert/episode-reporter.ts';
import type { Sighting } from '../src/alert/sighting.ts';
import { EXAMPLE_ALERT } from './example-alert.ts';

const SECOND = 1_000_000_000n;

function sighting(second: number, source: string, destination: string, score = 10): Sighting {
  const time = BigInt(Math.round(second * 1000)) * 1_000_000n;
  const flow = { ...EXAMPLE_ALERT.flow, source: { address: source }, destination: { address: destination } };
  const alert: Alert = { ...EXAMPLE_ALERT, time, score, flow };
  const { threshold, pValue, severity, finding } = alert;
  const causes = ['src_ports_60s'];
  return { subject: alert, score, threshold, pValue, severity, finding, causes, confirmed: true, alert: () => alert };
}

function report(...streams: readonly (readonly Sighting[])[]): Alert[] {
  const seen: Alert[] = [];
  const reporter = new EpisodeReporter((passed) => seen.push(passed));
  for (const alerts of streams) {
    for (const each of alerts) reporter.add(each);
    reporter.finish();
  }
  return seen;
}

describe('alerts in episodes', () => {
  it('a scan of 10,000 probes in ten minutes opens, becomes severe since it lasts, and closes', () => {
    const scan = Array.from({ length: 10_000 }, (_, i) =>
      sighting(i * 0.06, 'scanner', `host-${i % 250}`, 10 + (i % 7)),
    );
    const [opening, worse, closing, ...rest] = report(scan);
    expect(rest).toEqual([]);
    expect(opening).toMatchObject({ time: 0n, score: 10, episode: { state: 'open', alerts: 1 } });
    // The alert of the record that made it so.
    expect(worse).toMatchObject({ severity: 1, episode: { state: 'update', severity: 1, alerts: 1001 } });
    expect(worse!.time).toBe(worse!.episode!.end);
    expect(closing).toMatchObject({
      flow: scan[0]!.subject.flow,
      episode: { state: 'close', scope: 'source', source: 'scanner', alerts: 10_000, targets: 250, maxScore: 16 },
    });
  });

  it('says that an episode is over when traffic time has passed, not only when another alert comes', () => {
    const seen: Alert[] = [];
    const reporter = new EpisodeReporter((passed) => seen.push(passed));
    reporter.add(sighting(0, 'a', 'b'));
    reporter.advance(3600n * SECOND);
    expect(seen.map(({ episode }) => episode?.state)).toEqual(['open', 'close']);
  });

  it('numbers the episodes of a second capture on', () => {
    const seen = report([sighting(0, 'a', 'b'), sighting(0, 'c', 'd')], [sighting(0, 'a', 'b')]);
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
        const alerts = events.map(([gap, source, destination]) => sighting((second += gap), source, destination));
        const closed = report(alerts).filter(({ episode }) => episode!.state === 'close');
        expect(closed.reduce((sum, { episode }) => sum + episode!.alerts, 0)).toBe(alerts.length);
      }),
    );
  });
});
