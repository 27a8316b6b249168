import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EpisodeAlert } from '../../src/episodes/episode.ts';
import { type EpisodeEvent, type EpisodeOptions, EpisodeTracker } from '../../src/episodes/episode-tracker.ts';

const SECOND = 1_000_000_000n;

function alert(seconds: number, source: string, target: string, more: Partial<EpisodeAlert> = {}): EpisodeAlert {
  const time = BigInt(Math.round(seconds * 1000)) * 1_000_000n;
  return { time, source, target, score: 3, pValue: 0.001, severity: 3, causes: ['ports', 'flows'], ...more };
}

function run(
  alerts: readonly EpisodeAlert[],
  options: EpisodeOptions = {},
): { events: EpisodeEvent[]; tracker: EpisodeTracker } {
  const tracker = new EpisodeTracker(options);
  const events = alerts.flatMap((each) => tracker.observe(each));
  events.push(...tracker.finish());
  return { events, tracker };
}

const brief = ({ kind, episode, reason }: EpisodeEvent): string =>
  `${kind} ${episode.id} ${episode.scope} ${episode.source ?? '*'}>${episode.target ?? '*'} ${episode.alerts}${reason ? ` ${reason}` : ''}`;

describe('EpisodeTracker', () => {
  it('makes one episode of a scan of 10,000 probes', () => {
    const probes = Array.from({ length: 10_000 }, (_, i) => alert(i * 0.03, 'scanner', `10.0.${i >> 8}.${i & 255}`));
    const { events } = run(probes, { updateSeconds: 60 });
    const perMinute = new Map<bigint, number>();
    for (const { time } of events)
      perMinute.set(time / (60n * SECOND), (perMinute.get(time / (60n * SECOND)) ?? 0) + 1);
    expect(Math.max(...perMinute.values())).toBeLessThanOrEqual(3);
    expect(events.map(({ kind }) => kind)).toEqual(['open', 'update', 'update', 'update', 'update', 'close']);
    expect(events.at(-1)!.episode).toMatchObject({
      scope: 'source',
      source: 'scanner',
      alerts: 10_000,
      sources: 1,
      targets: 256,
      causes: ['ports', 'flows'],
    });
    expect(events.at(-1)!.episode.target).toBeUndefined();
  });

  it('keeps pairs, sources and targets apart, and widens a pair to what its alerts share', () => {
    expect(run([alert(0, 'a', 'x'), alert(1, 'a', 'x'), alert(2, 'b', 'y')]).events.map(brief)).toEqual([
      'open 1 pair a>x 1',
      'open 2 pair b>y 1',
      'close 1 pair a>x 2 end',
      'close 2 pair b>y 1 end',
    ]);
    const flood = ['a', 'b', 'c'].map((source, i) => alert(i, source, 'x'));
    expect(run(flood).events.map(brief)).toEqual(['open 1 pair a>x 1', 'close 1 target *>x 3 end']);
  });

  it('keeps what does not resemble apart, even between the same hosts', () => {
    const other = { causes: ['bytes'] };
    expect(run([alert(0, 'a', 'x'), alert(1, 'a', 'x', other), alert(2, 'a', 'x')]).events.map(brief)).toEqual([
      'open 1 pair a>x 1',
      'open 2 pair a>x 1',
      'close 2 pair a>x 1 end',
      'close 1 pair a>x 2 end',
    ]);
    const named = [alert(0, 'a', 'x', { finding: 'scan' }), alert(1, 'a', 'y', { finding: 'scan', causes: ['bytes'] })];
    expect(run(named).events.map(brief)).toEqual(['open 1 pair a>x 1', 'close 1 source a>* 2 end']);
  });

  it('asks a flood for few of its findings, and names what most alerts look like', () => {
    let asked = 0;
    const flood = (look: (place: number) => string): EpisodeAlert[] =>
      Array.from({ length: 10_000 }, (_, i) => ({
        ...alert(i * 0.01, `s${i}`, 'x'),
        get finding() {
          asked++;
          return look(i);
        },
      }));
    const { events } = run(flood((i) => (i < 3000 ? 'scan-like' : 'flood-like')));
    expect(asked).toBeLessThan(1200);
    expect(events[0]!.episode.finding).toBe('scan-like');
    expect(events.at(-1)!.episode).toMatchObject({ alerts: 10_000, finding: 'flood-like' });
    // Read beforehand, as replays do, findings give the same episodes.
    const known = flood((i) => (i % 3 === 0 ? 'scan-like' : 'flood-like'));
    expect(run(known.map((each) => ({ ...each }))).events).toEqual(run(known).events);
  });

  it('tells only so many kinds of alerts about one source apart', () => {
    const kinds = Array.from({ length: 20 }, (_, i) => alert(i, 'a', `t${i}`, { causes: [`c${i}`] }));
    const { events } = run(kinds);
    expect(events.filter(({ kind }) => kind === 'open')).toHaveLength(8);
    expect(events.at(-1)!.episode).toMatchObject({ scope: 'source', source: 'a', alerts: 13 });
  });

  it('closes what has gone quiet, in traffic time', () => {
    const { events } = run([alert(0, 'a', 'x'), alert(299, 'a', 'x'), alert(600, 'a', 'x'), alert(601, 'b', 'y')]);
    expect(events.map(brief)).toEqual([
      'open 1 pair a>x 1',
      'close 1 pair a>x 2 quiet',
      'open 2 pair a>x 1',
      'open 3 pair b>y 1',
      'close 2 pair a>x 1 end',
      'close 3 pair b>y 1 end',
    ]);
    const tracker = new EpisodeTracker({ quietSeconds: 10 });
    tracker.observe(alert(0, 'a', 'x'));
    expect(tracker.advance(10n * SECOND)).toEqual([]);
    expect(tracker.advance(10n * SECOND + 1n).map(brief)).toEqual(['close 1 pair a>x 1 quiet']);
  });

  it('closes an episode at the time at which it had been quiet, however often time is told to pass', () => {
    const late = run([alert(0, 'a', 'x'), alert(40_000, 'b', 'y')]).events;
    const ended = late.find(({ kind }) => kind === 'close')!;
    expect([ended.time, ended.episode.id]).toEqual([300n * SECOND, 1]);
    const often = new EpisodeTracker();
    const events = often.observe(alert(0, 'a', 'x'));
    for (let second = 7n; second <= 40_000n; second += 7n) events.push(...often.advance(second * SECOND));
    events.push(...often.observe(alert(40_000, 'b', 'y')), ...often.finish());
    expect(events).toEqual(late);
  });

  it('begins with its earliest alert, also where that comes late', () => {
    const [, closed] = run([alert(10, 'a', 'x'), alert(9, 'a', 'x')]).events;
    expect(closed!.episode).toMatchObject({ start: 9n * SECOND, end: 10n * SECOND });
  });

  it('reports only what several alerts confirm, where asked to', () => {
    const { events, tracker } = run([alert(0, 'a', 'x'), alert(1, 'b', 'y'), alert(2, 'a', 'x')], { reportAfter: 2 });
    expect(events.map(brief)).toEqual(['open 1 pair a>x 2', 'close 1 pair a>x 2 end']);
    expect(tracker.unreported).toBe(1);
  });

  it('is one level more severe than its worst alert when it persists', () => {
    const severity = (seconds: number, alerts: number): number =>
      run(
        Array.from({ length: alerts }, (_, i) => alert((i * seconds) / (alerts - 1), 'a', 'x', { severity: 2 })),
      ).events.at(-1)!.episode.severity;
    expect([severity(60, 10), severity(59, 10), severity(60, 9)]).toEqual([1, 2, 2]);
  });

  it('folds what nobody could read, and counts it', () => {
    const alerts = Array.from({ length: 100 }, (_, i) => alert(i * 0.1, `s${i}`, `t${i}`, { causes: [`c${i}`] }));
    const { events, tracker } = run(alerts, { maxEventsPerMinute: 10 });
    expect(events.map(brief)).toEqual([
      ...Array.from({ length: 8 }, (_, i) => `open ${i + 1} pair s${i}>t${i} 1`),
      'open 10 overflow *>* 1',
      ...Array.from({ length: 8 }, (_, i) => `fold ${i + 1} pair s${i}>t${i} 1`),
      'close 10 overflow *>* 100 end',
    ]);
    expect(tracker.folded).toBe(100);
    expect(events.at(-1)!.episode).toMatchObject({ folded: 100, sources: 100 });
  });

  it('is told anew when it becomes more severe, and at the end', () => {
    const alerts = [3, 3, 2, 3, 1].map((severity, i) => alert(i, 'a', 'x', { severity: severity as 1 | 2 | 3 }));
    const { events } = run(alerts);
    expect(events.map(({ kind, episode }) => `${kind} ${episode.severity} ${episode.alerts}`)).toEqual([
      'open 3 1',
      'update 2 3',
      'update 1 5',
      'close 1 5',
    ]);
  });

  it('goes on while records are just below the threshold', () => {
    const tracker = new EpisodeTracker({ quietSeconds: 10 });
    const events = tracker.observe(alert(0, 'a', 'x'));
    const at = (seconds: number): bigint => BigInt(seconds) * SECOND;
    events.push(...tracker.sustain(at(8), 'a', 'x'), ...tracker.sustain(at(16), 'b', 'x'));
    expect(events.map(brief)).toEqual(['open 1 pair a>x 1']);
    expect(tracker.sustain(at(19), 'a', 'x').map(brief)).toEqual(['close 1 pair a>x 1 quiet']);
    expect(tracker.finish()).toEqual([]);
  });

  it('holds back what was not confirmed, and counts it when it is', () => {
    const held = [0, 1].map((second) => alert(second, 'a', 'x', { confirmed: false }));
    expect(run(held)).toMatchObject({ events: [], tracker: { unreported: 2 } });
    expect(run([...held, alert(2, 'a', 'x')]).events.map(brief)).toEqual([
      'open 1 pair a>x 3',
      'close 1 pair a>x 3 end',
    ]);
  });

  it('counts every alert in exactly one episode, opens before it closes, and stays within its bounds', () => {
    const host = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const event = fc.record({
      gap: fc.nat({ max: 400 }),
      back: fc.nat({ max: 3 }),
      source: host,
      target: host,
      cause: fc.constantFrom('ports', 'bytes', 'timing', 'flags'),
    });
    const options = fc.record({
      quietSeconds: fc.constantFrom(5, 60, 300),
      reportAfter: fc.constantFrom(1, 2, 3),
      maxOpen: fc.constantFrom(1, 2, 1024),
      maxEventsPerMinute: fc.constantFrom(4, 6, 60),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), options, (list, settings) => {
        let now = 100;
        const alerts = list.map(({ gap, back, source, target, cause }) => {
          now += gap / 10;
          return alert(now - back, source, target, { causes: [cause] });
        });
        const tracker = new EpisodeTracker(settings);
        const events: EpisodeEvent[] = [];
        for (const [i, each] of alerts.entries()) {
          // Other records make time pass too.
          const gap = BigInt(list[i]!.gap) * (SECOND / 10n);
          for (const part of [4n, 3n, 2n]) events.push(...tracker.advance(each.time - gap / part));
          events.push(...tracker.observe(each));
          expect(tracker.openCount).toBeLessThanOrEqual(settings.maxOpen);
        }
        events.push(...tracker.finish());
        expect(tracker.openCount).toBe(0);
        const closed = events.filter(({ kind }) => kind === 'close');
        const total = closed.reduce((sum, { episode }) => sum + episode.alerts, tracker.unreported);
        expect(total).toBe(alerts.length);
        const opened = new Set<number>();
        for (const { kind, episode } of events) {
          expect(opened.has(episode.id)).toBe(kind !== 'open');
          opened.add(episode.id);
        }
        const folded = events.filter(({ kind }) => kind === 'fold');
        expect(closed.length + folded.length).toBe(opened.size);
        const told = events.filter(({ kind }) => kind !== 'fold');
        for (const { time } of told) {
          const within = told.filter((other) => other.time <= time && other.time + 60n * SECOND > time);
          expect(within.length).toBeLessThanOrEqual(settings.maxEventsPerMinute);
        }
        expect(run(alerts, settings).events).toEqual(events);
      }),
    );
  });
});
