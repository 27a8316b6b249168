import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { appendVerdict, readVerdicts, rulesFromVerdicts, type Verdict } from '../../src/index.ts';

const VERDICT: Verdict = {
  format: 'edgeguard.verdict',
  version: 1,
  alert: '12345678-0000-8000-8000-000000000000',
  verdict: 'false-positive',
  by: 'Ann',
  at: '2026-01-05T08:00:00Z',
  model: 'a'.repeat(64),
  start: '2026-01-05T07:00:00.000001Z',
  time: '2026-01-05T07:00:01Z',
  source: { address: '10.0.0.66', port: 40_022 },
  destination: { address: '10.0.0.7', port: 22 },
  protocol: 6,
  finding: 'scan-like',
  causes: ['source_ports_60s'],
};

describe('a file of verdicts', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'edgeguard-verdicts-')), 'verdicts.jsonl');

  it('keeps every decision, of which the last about an alert counts', async () => {
    await appendVerdict(path, VERDICT);
    await appendVerdict(path, { ...VERDICT, alert: 'another' });
    await appendVerdict(path, { ...VERDICT, verdict: 'true-positive' });
    expect(readFileSync(path, 'utf8').trimEnd().split('\n').length).toBe(3);
    expect((await readVerdicts(path)).map(({ alert, verdict }) => [alert, verdict])).toEqual([
      ['another', 'false-positive'],
      [VERDICT.alert, 'true-positive'],
    ]);
  });

  it('is refused by the line that is none', async () => {
    writeFileSync(path, `${JSON.stringify(VERDICT)}\n{"format":"edgeguard.verdict"}\n`);
    await expect(readVerdicts(path)).rejects.toThrow(/line 2/);
  });
});

describe('rules from verdicts', () => {
  const terms = { owner: 'ops', expires: '2026-02-01T00:00:00Z' };

  it('are as narrow as what was looked at, and none for a true positive', () => {
    const rules = rulesFromVerdicts([VERDICT, { ...VERDICT, alert: 'b', verdict: 'true-positive' }], terms);
    expect(rules).toEqual([
      {
        id: `verdict-${VERDICT.alert}`,
        ...terms,
        reason: 'found to be a false alarm (Ann)',
        match: { host: '10.0.0.66', port: 22, protocol: 6, finding: 'scan-like' },
      },
    ]);
  });

  it('name the first cause where the finding says nothing, and no port that is lent to clients', () => {
    const destination = { address: '10.0.0.7', port: 50_000 };
    const [rule] = rulesFromVerdicts([{ ...VERDICT, finding: 'unknown', destination }], terms);
    expect(rule!.match).toEqual({ host: '10.0.0.66', protocol: 6, finding: 'unknown', feature: 'source_ports_60s' });
  });

  it('are one for verdicts that say the same', () => {
    expect(rulesFromVerdicts([VERDICT, { ...VERDICT, alert: 'b', verdict: 'expected' }], terms).length).toBe(1);
  });
});
