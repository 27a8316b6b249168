import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float16Value } from '../src/engines/reference/convert-types.ts';
import {
  fixedMultiplier,
  multiplyByFixed,
  roundingDivideByPowerOfTwo,
  saturatingRoundingDoublingHighMul,
} from '../src/engines/reference/fixed-point.ts';
import { roundHalfToEven } from '../src/engines/reference/requantize.ts';
import { exp, expm1, log, logistic, tanh } from '../src/engines/reference/transcendental.ts';
import { float16Bits } from '../src/quantize/index.ts';

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

/** gemmlowp's definition, in integers without bounds. */
function highMul(a: bigint, b: bigint): bigint {
  if (a === b && a === -(2n ** 31n)) return 2n ** 31n - 1n;
  const product = a * b;
  const nudge = product >= 0n ? 2n ** 30n : 1n - 2n ** 30n;
  return (product + nudge) / 2n ** 31n;
}

describe('fixed-point arithmetic', () => {
  it('high products equal those of unbounded integers', () => {
    fc.assert(
      fc.property(int32, int32, (a, b) => {
        expect(BigInt(saturatingRoundingDoublingHighMul(a, b))).toBe(highMul(BigInt(a), BigInt(b)));
      }),
      {
        numRuns: 3000,
        examples: [
          [-(2 ** 31), -(2 ** 31)],
          [-1, 2 ** 30],
          [1, 2 ** 30],
          [-(2 ** 31), 2 ** 31 - 1],
        ],
      },
    );
  });

  it('divisions by powers of two round halves away from zero', () => {
    fc.assert(
      fc.property(int32, fc.integer({ min: 0, max: 31 }), (x, exponent) => {
        const exact = x / 2 ** exponent;
        expect(roundingDivideByPowerOfTwo(x, exponent)).toBe(Math.sign(exact) * Math.floor(Math.abs(exact) + 0.5) + 0);
      }),
      { numRuns: 2000 },
    );
  });

  it('a fixed multiplier is within rounding of the real one', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 100, noNaN: true }),
        fc.integer({ min: -(2 ** 22), max: 2 ** 22 }),
        (real, x) => {
          const { mantissa, shift } = fixedMultiplier(real);
          expect(mantissa).toBeGreaterThanOrEqual(2 ** 30);
          expect(mantissa).toBeLessThan(2 ** 31);
          expect((mantissa / 2 ** 31) * 2 ** shift).toBeCloseTo(real, 6);
          // Two roundings of half a step each.
          expect(Math.abs(multiplyByFixed(x, { mantissa, shift }) - x * real)).toBeLessThanOrEqual(
            1 + Math.abs(x * real) * 1e-8,
          );
        },
      ),
    );
  });

  it('rounds halves to even', () => {
    expect([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4999, -127.5].map(roundHalfToEven)).toEqual([
      -2, -2, 0, 0, 2, 2, 2, -128,
    ]);
  });
});

describe('elementary functions', () => {
  const functions = [
    ['exp', exp, Math.exp, -100, 88],
    ['expm1', expm1, Math.expm1, -50, 50],
    ['tanh', tanh, Math.tanh, -30, 30],
    ['logistic', logistic, (x: number) => 1 / (1 + Math.exp(-x)), -80, 80],
  ] as const;
  it.each(functions)('%s is exact to float32 and beyond', (_, own, theirs, min, max) => {
    fc.assert(
      fc.property(fc.double({ min, max, noNaN: true }), (x) => {
        expect(Math.abs(own(x) - theirs(x))).toBeLessThanOrEqual(Math.abs(theirs(x)) * 1e-14);
      }),
      { numRuns: 2000 },
    );
  });

  it('log is exact to float32 and beyond, down to subnormal values', () => {
    fc.assert(
      fc.property(fc.float({ min: Math.fround(1e-45), noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(Math.abs(log(x) - Math.log(x))).toBeLessThanOrEqual(Math.max(1e-15, Math.abs(Math.log(x)) * 1e-14));
      }),
      {
        numRuns: 2000,
        examples: [[1], [Math.fround(1 + 2 ** -23)], [Math.fround(1 - 2 ** -24)], [Math.fround(2 ** -149)]],
      },
    );
    expect([log(0), log(-1), log(Infinity), log(NaN)]).toEqual([-Infinity, NaN, Infinity, NaN]);
  });

  it('limits are kept', () => {
    expect([exp(-Infinity), exp(1000), exp(NaN), tanh(-Infinity), logistic(Infinity)]).toEqual([
      0,
      Infinity,
      NaN,
      -1,
      1,
    ]);
  });
});

describe('float16', () => {
  it('every number goes there and back', () => {
    const wrong: number[] = [];
    for (let bits = 0; bits < 0x1_0000; bits++) {
      const value = float16Value(bits);
      if (Number.isFinite(value) && float16Bits(value) !== bits) wrong.push(bits);
    }
    expect(wrong).toEqual([]);
  });

  it('rounds to the nearest, ties to even, and saturates', () => {
    expect(float16Value(float16Bits(1 + 2 ** -11))).toBe(1);
    expect(float16Value(float16Bits(1 + 3 * 2 ** -11))).toBe(1 + 2 ** -9);
    expect(float16Value(float16Bits(1e6))).toBe(65_504);
    expect(float16Value(float16Bits(2 ** -25))).toBe(0);
    expect(float16Value(float16Bits(-(2 ** -24)))).toBe(-(2 ** -24));
  });
});
