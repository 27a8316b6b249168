import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LABEL_RULE_SCHEMA, LabelMatcher, type LabelRule } from '../../src/index.ts';

const ANY: LabelRule = {
  from: 0n,
  to: 100n,
  srcIp: '',
  dstIp: '',
  srcPort: 0,
  dstPort: 0,
  protocol: 0,
  label: 'attack',
  attack: 'x',
};

describe('LabelMatcher', () => {
  it('labels a flow in either direction, and only where the interval overlaps', () => {
    const matcher = new LabelMatcher([{ ...ANY, srcIp: 'a', dstPort: 22, from: 10n, to: 20n, attack: 'guess' }]);
    const label = (srcIp: string, dstIp: string, srcPort: number, dstPort: number, first: bigint, last: bigint) =>
      matcher.match(srcIp, dstIp, srcPort, dstPort, 6, first, last).attack;
    expect(label('a', 'b', 5, 22, 15n, 16n)).toBe('guess');
    expect(label('b', 'a', 22, 5, 15n, 16n)).toBe('guess');
    expect(label('b', 'a', 5, 22, 15n, 16n)).toBe('');
    expect(label('a', 'b', 5, 23, 15n, 16n)).toBe('');
    expect(label('a', 'b', 5, 22, 0n, 10n)).toBe('guess');
    expect(label('a', 'b', 5, 22, 20n, 99n)).toBe('guess');
    expect(label('a', 'b', 5, 22, 0n, 99n)).toBe('guess');
    expect(label('a', 'b', 5, 22, 0n, 9n)).toBe('');
    expect(label('a', 'b', 5, 22, 21n, 99n)).toBe('');
  });

  it('lets an exception before a rule with wildcards win', () => {
    const matcher = new LabelMatcher([
      { ...ANY, srcIp: 'friend', dstIp: 'www', label: 'normal', attack: '' },
      { ...ANY, dstIp: 'www', attack: 'flood' },
      { ...ANY, protocol: 1, label: 'collateral', attack: 'flood' },
    ]);
    expect(matcher.match('www', 'friend', 80, 999, 6, 1n, 2n)).toMatchObject({ label: 'normal', attack: '' });
    expect(matcher.match('stranger', 'www', 999, 80, 6, 1n, 2n)).toMatchObject({ label: 'attack', attack: 'flood' });
    expect(matcher.match('www', 'stranger', 80, 999, 1, 1n, 2n)).toMatchObject({ label: 'attack' });
    expect(matcher.match('else', 'stranger', 0, 0, 1, 1n, 2n)).toMatchObject({ label: 'collateral' });
    expect(matcher.match('else', 'stranger', 0, 0, 17, 1n, 2n)).toEqual({ label: 'normal', attack: '' });
  });

  it('finds what trying the rules one by one finds', () => {
    const ip = fc.constantFrom('', 'a', 'b', 'c');
    const port = fc.constantFrom(0, 1, 2);
    const instant = fc.bigInt(0n, 20n);
    const rule = fc
      .record({ from: instant, to: instant, srcIp: ip, dstIp: ip, srcPort: port, dstPort: port, protocol: port })
      .map((fields): Omit<LabelRule, 'attack'> => ({ ...fields, label: 'attack' }));
    fc.assert(
      fc.property(
        fc.array(rule, { maxLength: 12 }),
        ip,
        ip,
        port,
        port,
        port,
        instant,
        instant,
        (bare, s, d, sp, dp, p, first, last) => {
          const rules = bare.map((one, i) => ({ ...one, attack: `rule ${i}` }));
          const fits = (one: LabelRule, a: string, b: string, ap: number, bp: number) =>
            (one.srcIp === '' || one.srcIp === a) &&
            (one.dstIp === '' || one.dstIp === b) &&
            (one.srcPort === 0 || one.srcPort === ap) &&
            (one.dstPort === 0 || one.dstPort === bp) &&
            (one.protocol === 0 || one.protocol === p) &&
            one.from <= last &&
            one.to >= first;
          const expected = rules.find((one) => fits(one, s, d, sp, dp) || fits(one, d, s, dp, sp));
          expect(new LabelMatcher(rules).match(s, d, sp, dp, p, first, last).attack).toBe(expected?.attack ?? '');
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('LABEL_RULE_SCHEMA', () => {
  it('has one column per field of a rule', () => {
    const snake = Object.keys(ANY).map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
    expect(LABEL_RULE_SCHEMA.columns.map(({ name }) => name)).toEqual(snake);
  });
});
