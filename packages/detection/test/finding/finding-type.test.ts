import type { DetectorDocument } from '@edgeguard/contracts';
import { describe, expect, it } from 'vitest';
import { type Finding, FindingClassifier } from '../../src/finding/finding-type.ts';
import type { RowScorer } from '../../src/explanation/score-drops.ts';
import { column, detectorDocument } from '../support/detector-document.ts';

interface Seen {
  readonly family: string;
  readonly unit: string;
  readonly share: number;
  readonly observed?: number;
  readonly expected?: number;
  readonly kind?: 'category';
}

/** A finding of a row whose features are these; 95 of 100 train rows are at most 10. */
function finding(...seen: Seen[]): Finding {
  const features = seen.map(({ family, unit, kind }, i) => ({
    ...column(`f${i}`, kind ?? 'count', unit, `feature ${i}`),
    family,
  }));
  const document: DetectorDocument = {
    ...detectorDocument(),
    schema: { name: 'test', version: 1, hash: '', features },
    baselines: features.map(() => ({ p05: 0, p50: 2, p95: 10, min: 0, max: 20 })),
  };
  const row = Float32Array.from(seen, ({ observed = 100 }) => observed);
  const expected = Float32Array.from(seen, ({ expected: value = 2 }) => value);
  // Each feature adds its share of 40 while it is not as expected.
  const scoreOf = (values: Float32Array): number =>
    seen.reduce((sum, { share }, f) => sum + (values[f] === expected[f] ? 0 : 40 * share), 0);
  const scorer: RowScorer = { document, score: (rows, _, scores) => void (scores[0] = scoreOf(rows)) };
  return new FindingClassifier(scorer).classify(row, expected, scoreOf(row));
}

const scan = (share: number, more: Partial<Seen> = {}): Seen => ({
  family: 'source-window',
  unit: '{port}',
  share,
  ...more,
});
const rest = (share: number): Seen => ({ family: 'connection', unit: '1', share });

describe('a finding', () => {
  it.each([
    ['scan-like', 'source-window', '{port}', 'T1046'],
    ['scan-like', 'source-window', '{host}', 'T1046'],
    ['flood-like', 'destination-window', '{flow}', 'T1498'],
    ['guessing-like', 'pair-window', '{flow}', undefined],
    ['beacon-like', 'pair-window', '1', undefined],
    ['exfiltration-like', 'pair-window', 'By', undefined],
  ])('is %s where %s features in %s are high', (type, family, unit, technique) => {
    const found = finding(rest(0.8), { family, unit, share: 0.2 });
    expect(found).toMatchObject({ type, ...(technique === undefined ? {} : { technique }) });
    expect(found.support).toBeCloseTo(0.2);
    expect('technique' in found).toBe(technique !== undefined);
  });

  it('adds up what speaks for the same type', () => {
    const hosts = { family: 'source-window', unit: '{host}', share: 0.03 };
    expect(finding(rest(0.94), scan(0.03), hosts).type).toBe('scan-like');
    expect(finding(rest(0.97), hosts).type).toBe('unknown');
  });

  it('does not choose between two types that are equally good', () => {
    const beacon = (share: number): Seen => ({ family: 'pair-window', unit: '1', share });
    expect(finding(scan(0.5), beacon(0.45))).toEqual({ type: 'unknown', support: 0 });
    expect(finding(scan(0.5), beacon(0.3)).type).toBe('scan-like');
  });

  it('takes many flows for what a scan makes, where there is one', () => {
    const ofPair: Seen = { family: 'pair-window', unit: '{flow}', share: 0.3 };
    const toHost: Seen = { family: 'destination-window', unit: '{flow}', share: 0.3 };
    expect(finding(scan(0.2), ofPair, toHost, rest(0.2))).toMatchObject({ type: 'scan-like', technique: 'T1046' });
    expect(finding(scan(0.03), ofPair, rest(0.67)).type).toBe('guessing-like');
    // Hosts that come are no doing of a scan.
    expect(finding(scan(0.2), { ...toHost, unit: '{host}' }, rest(0.5)).type).toBe('flood-like');
  });

  it('takes no low or ordinary value, and no category, for evidence', () => {
    expect(finding(scan(0.5, { observed: 5 })).type).toBe('unknown');
    expect(finding(scan(0.5, { expected: 200 })).type).toBe('unknown');
    expect(finding(scan(0.5, { kind: 'category' })).type).toBe('unknown');
    expect(finding(scan(0))).toEqual({ type: 'unknown', support: 0 });
  });
});
