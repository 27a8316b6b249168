import { expect, it } from 'vitest';
import { rocAucWithoutEach } from '../src/detection/leave-one-out.ts';

/** Share of pairs in which the attack has the higher score. */
function rocAuc(normal: readonly number[], attack: readonly number[]): number {
  const wins = attack.map((a) => normal.reduce((sum, n) => sum + (a > n ? 1 : a === n ? 0.5 : 0), 0));
  return wins.reduce((sum, n) => sum + n, 0) / (normal.length * attack.length);
}

it('the area without one attack is that of the scores of the others', () => {
  const normal = [1, 2, 3, 4, 5, 6];
  const attacks: Record<string, number[]> = { scan: [9, 4, 8, 2.5], flood: [10], worm: [1, 5, 5] };
  const perAttack = Object.entries(attacks).map(([attack, scores]) => ({ attack, rows: scores.length, alerts: 0 }));
  const rocAucPerAttack = Object.entries(attacks).map(([attack, scores]) => ({
    attack,
    rocAuc: rocAuc(normal, scores),
  }));
  const without = rocAucWithoutEach({ atThreshold: { perAttack }, oracle: { rocAucPerAttack } } as never);
  for (const left of Object.keys(attacks)) {
    const others = Object.entries(attacks).flatMap(([attack, scores]) => (attack === left ? [] : scores));
    expect(without.get(left)).toBeCloseTo(rocAuc(normal, others), 12);
  }
});
