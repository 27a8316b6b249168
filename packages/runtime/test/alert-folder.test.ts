import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Alert, Severity } from '../src/index.ts';
import { AlertFolder } from '../src/alert/alert-folder.ts';
import { EXAMPLE_ALERT } from './example-alert.ts';

const SECOND = 1_000_000_000n;

function alert(second: number, source: string, destination: string, score = 10, severity: Severity = 3): Alert {
  return {
    ...EXAMPLE_ALERT,
    time: BigInt(second) * SECOND,
    score,
    severity,
    flow: { ...EXAMPLE_ALERT.flow, source: { address: source }, destination: { address: destination } },
  };
}

function fold(alerts: readonly Alert[], seconds = 60, capacity = 1000): Alert[] {
  const seen: Alert[] = [];
  const folder = new AlertFolder(seconds, capacity, (passed) => seen.push(passed));
  for (const each of alerts) folder.add(each);
  folder.close();
  return seen;
}

describe('folding', () => {
  it('shows the first of a scan and the highest of the rest, with how many it stands for', () => {
    const scan = Array.from({ length: 500 }, (_, i) => alert(0, 'scanner', `host-${i}`, i === 300 ? 99 : 10));
    const seen = fold(scan.map((each, i) => ({ ...each, time: BigInt(i) * 100_000_000n })));
    expect(seen.map(({ score, standsFor }) => [score, standsFor])).toEqual([
      [10, 1],
      [99, 499],
    ]);
  });

  it('folds a flood from made-up sources by its destination', () => {
    const flood = Array.from({ length: 300 }, (_, i) => alert(0, `spoofed-${i}`, 'server'));
    expect(fold(flood).map(({ standsFor }) => standsFor)).toEqual([1, 299]);
  });

  it('keeps strangers apart', () => {
    expect(fold([alert(0, 'a', 'b'), alert(1, 'c', 'd')]).map(({ standsFor }) => standsFor)).toEqual([1, 1]);
  });

  it('lets the first more severe one through at once', () => {
    const seen = fold([alert(0, 'a', 'b', 10, 3), alert(1, 'a', 'c', 11, 3), alert(2, 'a', 'd', 50, 1)]);
    expect(seen.map(({ severity, standsFor }) => [severity, standsFor])).toEqual([
      [3, 1],
      [1, 1],
      [3, 1],
    ]);
  });

  it('begins anew when the period is over', () => {
    expect(fold([alert(0, 'a', 'b'), alert(61, 'a', 'b')]).map(({ standsFor }) => standsFor)).toEqual([1, 1]);
    expect(fold([alert(0, 'a', 'b'), alert(59, 'a', 'b')]).length).toBe(2);
  });

  it('shows at most three alerts a minute of a scan of 10,000 probes, and the numbers add up', () => {
    const minutes = 10;
    const scan = Array.from({ length: 10_000 }, (_, i) => ({
      ...alert(0, 'scanner', `host-${i % 256}`, 10 + (i % 7), ((i % 3) + 1) as Severity),
      time: (BigInt(i) * BigInt(minutes) * 60n * SECOND) / 10_000n,
    }));
    const seen = fold(scan);
    expect(seen.length).toBeLessThanOrEqual(3 * minutes);
    expect(seen.reduce((sum, { standsFor }) => sum + standsFor!, 0)).toBe(10_000);
  });

  it('never loses count, whatever comes, and never keeps more periods than it may', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const event = fc.tuple(fc.nat(30), name, name, fc.constantFrom<Severity>(1, 2, 3), fc.integer({ min: 1, max: 99 }));
    fc.assert(
      fc.property(fc.array(event, { maxLength: 100 }), fc.integer({ min: 1, max: 3 }), (events, capacity) => {
        let second = 0;
        const alerts = events.map(([gap, source, destination, severity, score]) =>
          alert((second += gap), source, destination, score, severity),
        );
        const seen = fold(alerts, 60, capacity);
        expect(seen.reduce((sum, { standsFor }) => sum + standsFor!, 0)).toBe(alerts.length);
      }),
    );
  });
});
