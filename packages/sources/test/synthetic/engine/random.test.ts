import { describe, expect, it } from 'vitest';
import { naturalLogarithm } from '../../../src/synthetic/engine/natural-logarithm.ts';
import { Random } from '../../../src/synthetic/engine/random.ts';

const DRAWS = 200_000;

function mean(draw: () => number): number {
  let sum = 0;
  for (let i = 0; i < DRAWS; i++) sum += draw();
  return sum / DRAWS;
}

describe('Random', () => {
  it('gives the same numbers for the same seed and name, and others for others', () => {
    const first = (seed: number, name: string) => {
      const random = new Random(seed, name);
      return [random.uint32(), random.uint32(), random.uint32()].join(' ');
    };
    expect(first(1, 'a')).toBe(first(1, 'a'));
    const all = [first(1, 'a'), first(1, 'b'), first(2, 'a'), first(2 ** 40 + 1, 'a'), first(0, '')];
    expect(new Set(all).size).toBe(all.length);
  });

  it('is what it was: a change of these numbers changes every synthetic capture', () => {
    const random = new Random(42, 'normal');
    expect([random.uint32(), random.uint32(), random.unit(), random.integer(1, 6)]).toMatchInlineSnapshot(`
      [
        1050914901,
        2562827733,
        0.7960591705050319,
        4,
      ]
    `);
    expect([random.exponential(1), random.heavyTailed(10, 1e6)]).toMatchInlineSnapshot(`
      [
        1.8102951461548924,
        24.93881884791403,
      ]
    `);
  });

  it('draws every distribution as stated', () => {
    const random = new Random(7, 'distributions');
    expect(mean(() => random.unit())).toBeCloseTo(0.5, 2);
    expect(mean(() => random.exponential(3))).toBeCloseTo(3, 1);
    expect(mean(() => random.integer(2, 4))).toBeCloseTo(3, 1);
    expect(mean(() => (random.chance(0.2) ? 1 : 0))).toBeCloseTo(0.2, 2);
    expect(mean(() => (random.heavyTailed(10, 1000) <= 10 ? 1 : 0))).toBeCloseTo(0.5, 2);
    expect(mean(() => (random.heavyTailed(10, 1000, 1.2) > 100 ? 1 : 0))).toBeCloseTo(0.5 * 10 ** -1.2, 2);
    // Pareto: the share above ten medians is half of 10^-shape; nothing is above the largest.
    let largest = 0;
    for (let i = 0; i < DRAWS; i++) largest = Math.max(largest, random.heavyTailed(10, 1000));
    expect(largest).toBe(1000);
  });

  it('draws popular choices about as one over their rank', () => {
    const random = new Random(7, 'popular');
    const counts = Array.from({ length: 100 }, () => 0);
    const ranks = counts.map((_, i) => i);
    for (let i = 0; i < DRAWS; i++) counts[random.popular(ranks)]++;
    expect(counts.every((count) => count > 0)).toBe(true);
    expect(counts[0] / counts[9]).toBeGreaterThan(5);
    expect(counts[0] / counts[9]).toBeLessThan(15);
  });
});

it('naturalLogarithm agrees with Math.log', () => {
  const random = new Random(1, 'logarithm');
  for (let i = 0; i < 10_000; i++) {
    const x = random.unit() * 10 ** random.integer(-9, 9) + Number.MIN_VALUE;
    expect(Math.abs(naturalLogarithm(x) - Math.log(x))).toBeLessThan(1e-12 * Math.max(1, Math.abs(Math.log(x))));
  }
});
