import { describe, expect, it } from 'vitest';
import type { Contribution } from '../../src/explanation/explain-row.ts';
import { findingType } from '../../src/finding/finding-type.ts';

function contribution(family: string, unit: string, share: number, more: Partial<Contribution> = {}): Contribution {
  const name = `${family} ${unit}`;
  const values = { observed: 100, expected: 2, usual: [0, 10] as const };
  return { feature: name, description: name, family, unit, share, ...values, text: name, ...more };
}

const REST = contribution('connection', '1', 0.4);

describe('findingType', () => {
  it.each([
    ['scan-like', 'source-window', '{port}', 'T1046'],
    ['scan-like', 'source-window', '{host}', 'T1046'],
    ['flood-like', 'destination-window', '{flow}', 'T1498'],
    ['guessing-like', 'pair-window', '{flow}', 'T1110'],
    ['beacon-like', 'pair-window', '1', undefined],
    ['exfiltration-like', 'pair-window', 'By', undefined],
  ])('says %s where %s features in %s are high', (type, family, unit, technique) => {
    const finding = findingType([REST, contribution(family, unit, 0.2)]);
    expect(finding).toEqual({ type, support: 0.2, ...(technique === undefined ? {} : { technique }) });
  });

  it('adds up what speaks for the same type', () => {
    const evidence = [contribution('source-window', '{port}', 0.06), contribution('source-window', '{host}', 0.05)];
    expect(findingType(evidence).type).toBe('scan-like');
    expect(findingType(evidence.slice(1)).type).toBe('unknown');
  });

  it('does not choose between two types that are equally good', () => {
    const scan = contribution('source-window', '{port}', 0.3);
    expect(findingType([scan, contribution('pair-window', '{flow}', 0.28)])).toEqual({ type: 'unknown', support: 0 });
    expect(findingType([scan, contribution('pair-window', '{flow}', 0.2)]).type).toBe('scan-like');
  });

  it('takes no low or ordinary value, and no category, for evidence', () => {
    const scan = (more: Partial<Contribution>): string =>
      findingType([contribution('source-window', '{port}', 0.5, more)]).type;
    expect(scan({ observed: 5 })).toBe('unknown');
    expect(scan({ expected: 200 })).toBe('unknown');
    expect(scan({ observed: 'many', expected: 'few' })).toBe('unknown');
    expect(findingType([])).toEqual({ type: 'unknown', support: 0 });
  });
});
