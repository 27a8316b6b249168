import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  emptySuppressions,
  readSuppressions,
  type SuppressionMatch,
  type SuppressionSubject,
  SuppressionsSchema,
  Suppressor,
  writeSuppressions,
} from '../../src/index.ts';

/** Monday, 5 January 2026, 03:30 UTC. */
const MONDAY = BigInt(Date.UTC(2026, 0, 5, 3, 30)) * 1_000_000n;
const SUBJECT: SuppressionSubject = {
  time: MONDAY,
  source: { address: '10.0.0.66', port: 40_022 },
  destination: { address: '2001:db8::7', port: 22 },
  protocol: 6,
  finding: 'scan-like',
  causes: ['source_ports_60s', 'duration'],
};

function rules(...matches: SuppressionMatch[]) {
  return SuppressionsSchema.parse({
    ...emptySuppressions(),
    roles: { scanner: ['10.0.0.64/28'] },
    rules: matches.map((match, i) => ({
      id: `r${i}`,
      owner: 'ops',
      reason: 'known',
      expires: '2026-02-01T00:00:00Z',
      match,
    })),
  });
}

function suppresses(match: SuppressionMatch, subject: SuppressionSubject = SUBJECT): boolean {
  return new Suppressor(rules(match)).suppresses(subject);
}

describe('a rule', () => {
  it.each<[SuppressionMatch, SuppressionMatch]>([
    [{ host: '10.0.0.66' }, { host: '10.0.0.67' }],
    [{ host: '2001:db8::7' }, { host: '2001:db8::8' }],
    [{ network: '10.0.0.0/24' }, { network: '10.0.1.0/24' }],
    [{ network: '2001:db8::/32' }, { network: '2001:db9::/32' }],
    [{ port: 22 }, { port: 23 }],
    [{ protocol: 6 }, { protocol: 17 }],
    [{ finding: 'scan-like' }, { finding: 'flood-like' }],
    [{ feature: 'source_ports_*' }, { feature: 'source_ports_' }],
    [{ window: { from: '03:00', to: '04:00' } }, { window: { from: '03:31', to: '04:00' } }],
    [
      { window: { days: ['mon'], from: '03:00', to: '04:00' } },
      { window: { days: ['tue'], from: '03:00', to: '04:00' } },
    ],
    [
      // It began on Sunday and ends in Monday's night.
      { window: { days: ['sun'], from: '22:00', to: '04:00' } },
      { window: { days: ['mon'], from: '22:00', to: '04:00' } },
    ],
    [
      { host: '10.0.0.66', port: 22 },
      { host: '10.0.0.66', port: 23 },
    ],
  ])('%j suppresses and %j does not', (does, doesNot) => {
    expect(suppresses(does)).toBe(true);
    expect(suppresses(doesNot)).toBe(false);
  });

  it('of the role scanner looks at the source alone', () => {
    expect(suppresses({ role: 'scanner' })).toBe(true);
    const { source, destination } = SUBJECT;
    expect(suppresses({ role: 'scanner' }, { ...SUBJECT, source: destination!, destination: source! })).toBe(false);
  });

  it('about hosts or ports matches no alert that has none', () => {
    const { source: _1, destination: _2, protocol: _3, ...row } = SUBJECT;
    for (const match of [{ host: '10.0.0.66' }, { port: 22 }, { protocol: 6 }, { role: 'scanner' as const }]) {
      expect(suppresses(match, row)).toBe(false);
    }
    expect(suppresses({ finding: 'scan-like' }, row)).toBe(true);
  });

  it('suppresses nothing from its expiry on, in traffic time, and says what it would have', () => {
    const suppressor = new Suppressor(rules({ port: 22 }));
    const expiry = BigInt(Date.UTC(2026, 1, 1)) * 1_000_000n;
    expect(suppressor.suppresses({ ...SUBJECT, time: expiry - 1n })).toBe(true);
    expect(suppressor.suppresses({ ...SUBJECT, time: expiry })).toBe(false);
    expect(suppressor.counts).toMatchObject([{ suppressed: 1, expired: 1 }]);
  });

  it('counts an alert once, by the first rule that matches', () => {
    const suppressor = new Suppressor(rules({ port: 23 }, { port: 22 }, { host: '10.0.0.66' }));
    suppressor.suppresses(SUBJECT);
    expect(suppressor.counts.map(({ suppressed }) => suppressed)).toEqual([0, 1, 0]);
  });
});

describe('a file of rules', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'edgeguard-rules-')), 'rules.json');

  it('comes back as it was written', async () => {
    const document = rules({ port: 22 });
    await writeSuppressions(path, document);
    expect(await readSuppressions(path)).toEqual(document);
  });

  const [rule] = rules({ port: 22 }).rules;
  it.each([
    ['no expiry', { ...rule, expires: undefined }],
    ['no owner', { ...rule, owner: '' }],
    ['no reason', { ...rule, reason: undefined }],
    ['nothing to match', { ...rule, match: {} }],
    ['a network that is none', { ...rule, match: { network: '10.0.0.0/33' } }],
  ])('is refused with %s, and not written', async (_, broken) => {
    const document = { ...emptySuppressions(), rules: [broken] };
    writeFileSync(path, 'before');
    await expect(writeSuppressions(path, document as never)).rejects.toThrow(path);
    expect(readFileSync(path, 'utf8')).toBe('before');
    writeFileSync(path, JSON.stringify(document));
    await expect(readSuppressions(path)).rejects.toThrow(path);
  });

  it('is refused with two rules of one id', async () => {
    await expect(writeSuppressions(path, { ...emptySuppressions(), rules: [rule!, rule!] })).rejects.toThrow(/same id/);
  });
});
