import { describe, expect, it } from 'vitest';
import { Adwin, type AdwinCut } from '../../src/drift/adwin.ts';
import { AlarmRateWatch, type AlarmRateVerdict } from '../../src/drift/alarm-rate.ts';
import { seededRandom } from '../support/seeded-random.ts';

describe('Adwin', () => {
  it('keeps all of a stationary stream, and its mean', () => {
    let cuts = 0;
    let farthest = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const random = seededRandom(seed);
      const window = new Adwin();
      let sum = 0;
      for (let i = 0; i < 20_000; i++) {
        const value = random() < 0.02 ? 1 : 0;
        sum += value;
        if (window.add(value)) cuts++;
      }
      if (window.width === 20_000) farthest = Math.max(farthest, Math.abs(window.mean - sum / 20_000));
    }
    expect(farthest).toBeLessThan(1e-12);
    // A false cut has a chance of at most 0.002 at each look; the bound is loose in practice.
    expect(cuts).toBeLessThanOrEqual(1);
  });

  it('cuts soon after a change, and then knows the new rate', () => {
    const random = seededRandom(5);
    const window = new Adwin();
    for (let i = 0; i < 10_000; i++) window.add(random() < 0.01 ? 1 : 0);
    let first = -1;
    let found: AdwinCut | undefined;
    for (let i = 0; i < 5000; i++) {
      const cut = window.add(random() < 0.1 ? 1 : 0);
      if (cut && first === -1) {
        first = i;
        found = cut;
      }
    }
    expect(found!.before).toBeLessThan(0.02);
    expect(found!.after).toBeGreaterThan(found!.before);
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(600);
    expect(window.width).toBeLessThan(8000);
    expect(window.mean).toBeGreaterThan(0.08);
  });
});

describe('AlarmRateWatch', () => {
  /** Verdicts of blocks in which each row is an alarm about the ends given, or none. */
  function watch(
    blocks: number,
    rate: number,
    ends: (i: number) => { source: string; target: string },
  ): AlarmRateVerdict[] {
    const random = seededRandom(9);
    const watched = new AlarmRateWatch(400, 0.001, 20_000);
    const verdicts: AlarmRateVerdict[] = [];
    for (let i = 0; i < blocks * 400; i++) {
      const verdict = watched.add(random() < rate ? ends(i) : undefined);
      if (verdict) verdicts.push(verdict);
    }
    return verdicts;
  }
  const states = (verdicts: readonly AlarmRateVerdict[]): string => verdicts.map(({ state }) => state).join(' ');

  it('is steady at the rate of calibration', () => {
    expect(new Set(states(watch(50, 0.001, (i) => ({ source: `h${i % 9}`, target: 'x' }))).split(' '))).toEqual(
      new Set(['steady']),
    );
  });

  it('calls a rise by one source or one target an attack, and one of many ends a move', () => {
    const scan = watch(5, 0.5, (i) => ({ source: 'scanner', target: `t${i}` }));
    expect(states(scan)).toBe('attack attack attack attack attack');
    const flood = watch(5, 0.5, (i) => ({ source: `s${i}`, target: 'victim' }));
    expect(states(flood)).toBe('attack attack attack attack attack');
    const broad = watch(5, 0.5, (i) => ({ source: `s${i % 40}`, target: `t${i % 50}` }));
    expect(states(broad)).toBe('moved moved moved moved moved');
  });
});
