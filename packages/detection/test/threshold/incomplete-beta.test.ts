import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binomialUpperTail, logGamma, regularizedIncompleteBeta } from '../../src/threshold/incomplete-beta.ts';

describe('logGamma', () => {
  it('is the logarithm of the factorial', () => {
    let logFactorial = 0;
    for (let n = 1; n < 400; n++) {
      expect(logGamma(n)).toBeCloseTo(logFactorial, 10);
      logFactorial += Math.log(n);
    }
    expect(logGamma(0.5)).toBeCloseTo(0.5 * Math.log(Math.PI), 13);
  });
});

describe('regularizedIncompleteBeta', () => {
  it('has its closed forms', () => {
    for (const x of [0, 1e-6, 0.1, 0.5, 0.73, 0.999, 1]) {
      expect(regularizedIncompleteBeta(x, 1, 1)).toBeCloseTo(x, 13);
      expect(regularizedIncompleteBeta(x, 1, 7)).toBeCloseTo(1 - (1 - x) ** 7, 12);
      expect(regularizedIncompleteBeta(x, 5, 1)).toBeCloseTo(x ** 5, 13);
      expect(regularizedIncompleteBeta(x, 0.5, 0.5)).toBeCloseTo((2 / Math.PI) * Math.asin(Math.sqrt(x)), 12);
    }
  });

  it('is symmetric: I_x(a, b) = 1 - I_(1-x)(b, a)', () => {
    const value = fc.double({ min: 0.01, max: 500, noNaN: true });
    const share = fc.double({ min: 0.001, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(share, value, value, (x, a, b) => {
        const direct = regularizedIncompleteBeta(x, a, b);
        expect(Math.abs(direct - (1 - regularizedIncompleteBeta(1 - x, b, a)))).toBeLessThan(1e-10);
        expect(direct).toBeGreaterThanOrEqual(-1e-12);
        expect(direct).toBeLessThanOrEqual(1 + 1e-12);
      }),
    );
  });

  it('refuses what is no probability', () => {
    expect(() => regularizedIncompleteBeta(1.1, 1, 1)).toThrow(RangeError);
    expect(() => regularizedIncompleteBeta(0.5, 0, 1)).toThrow(RangeError);
  });
});

describe('binomialUpperTail', () => {
  it('equals the sum of the binomial probabilities', () => {
    for (const [n, p] of [
      [10, 0.3],
      [500, 0.02],
      [3000, 0.001],
      [400, 0.5],
    ] as const) {
      let probability = Math.exp(n * Math.log1p(-p));
      let below = 0;
      for (let r = 0; r <= Math.min(n, 250); r++) {
        expect(binomialUpperTail(n, p, r)).toBeCloseTo(1 - below, 10);
        below += probability;
        probability *= ((n - r) / (r + 1)) * (p / (1 - p));
      }
    }
  });

  it('copes with ten million rows', () => {
    expect(binomialUpperTail(1e7, 0.5, 5e6)).toBeCloseTo(0.5, 3);
    expect(binomialUpperTail(1e7, 0.001, 9800)).toBeGreaterThan(0.97);
  });
});
