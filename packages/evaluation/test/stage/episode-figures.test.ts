import { describe, expect, it } from 'vitest';
import { labelCode } from '../../src/index.ts';
import { episodeFigures, type LabelledAlert } from '../../src/stage/episode-figures.ts';

const SECOND = 1_000_000_000n;

function alert(second: number, source: string, label: 'normal' | 'attack', cause: string): LabelledAlert {
  const time = BigInt(second) * SECOND;
  const known = { score: 9, pValue: 0.001, severity: 3 as const, causes: [cause], attack: 0 };
  return { ...known, time, source, target: `${source}'s`, label: labelCode(label) };
}

describe('episodeFigures', () => {
  it('counts episodes by what began them, with their spans', () => {
    const alerts = [alert(0, 'a', 'normal', 'x'), alert(60, 'b', 'attack', 'y'), alert(90, 'b', 'normal', 'y')];
    expect(episodeFigures(alerts, 2, ['scan'])).toEqual({
      alerts: 3,
      total: 2,
      openedByNormal: 1,
      openedByAttack: 1,
      perDay: 1,
      spans: [
        { first: '0', last: '0', alerts: 1, label: 'normal', attack: '' },
        { first: String(60n * SECOND), last: String(90n * SECOND), alerts: 2, label: 'attack', attack: 'scan' },
      ],
      furtherSpans: 0,
    });
  });

  it('counts what is folded when more episodes are open at the end than could be told of at once', () => {
    // One each two seconds: they may all open, and not all close in the minute in which the traffic ends.
    const alerts = Array.from({ length: 140 }, (_, i) =>
      alert(2 * i, `host-${i}`, i === 0 ? 'attack' : 'normal', `c${i}`),
    );
    const { total, openedByNormal, openedByAttack, spans } = episodeFigures(alerts, 1, ['scan']);
    // The overflow is one more, begun by what was folded first.
    expect({ total, sum: openedByNormal + openedByAttack }).toEqual({ total: 141, sum: 141 });
    expect(spans.reduce((sum, span) => sum + span.alerts, 0)).toBe(140);
  });
});
