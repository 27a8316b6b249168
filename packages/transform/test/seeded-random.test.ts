import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../src/index.ts';

describe('SeededRandom', () => {
  it('is xoshiro128**', () => {
    // First outputs of the authors' generator from the state 1, 2, 3, 4, worked out by hand from its definition.
    const random = SeededRandom.resume([1, 2, 3, 4]);
    expect([random.uint32(), random.uint32()]).toEqual([11_520, 0]);
  });

  it('repeats, resumes, and differs by seed', () => {
    const draw = (random: SeededRandom): number[] => Array.from({ length: 20 }, () => random.uint32());
    const random = new SeededRandom(5);
    expect(draw(random)).toEqual(draw(new SeededRandom(5)));
    expect(draw(SeededRandom.resume(random.state))).toEqual(draw(random));
    expect(draw(new SeededRandom(6))).not.toEqual(draw(new SeededRandom(5)));
  });

  it('is uniform', () => {
    const random = new SeededRandom(1);
    const counts = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 100_000; i++) counts[random.below(10)]!++;
    const chiSquare = counts.reduce((sum, n) => sum + (n - 10_000) ** 2 / 10_000, 0);
    expect(chiSquare).toBeLessThan(27.9); // 99.9 % of chi-square with 9 degrees of freedom
  });

  it('shuffles into a permutation', () => {
    const values = Uint32Array.from({ length: 1000 }, (_, i) => i);
    new SeededRandom(2).shuffle(values);
    expect([...values].every((value, i) => value === i)).toBe(false);
    expect([...values].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  });
});
