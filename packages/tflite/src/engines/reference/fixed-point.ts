/**
 * Integer arithmetic of quantised kernels, as the TensorFlow Lite specification and gemmlowp define it: real multipliers
 * below 1 are int32 mantissas with a shift; products are rounded twice (high half of the doubled product, then the
 * shift). Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference",
 * 2018, section 2.2 and appendix B.
 */

const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;

/** A real multiplier as `mantissa / 2^31 * 2^shift`, with a mantissa in [2^30, 2^31). */
export interface FixedMultiplier {
  readonly mantissa: number;
  readonly shift: number;
}

/** The closest fixed-point form of a positive real multiplier. */
export function fixedMultiplier(real: number): FixedMultiplier {
  if (!(real > 0)) return { mantissa: 0, shift: 0 };
  let shift = Math.floor(Math.log2(real)) + 1;
  // log2 may be off by one step next to a power of two.
  if (real / 2 ** shift >= 1) shift += 1;
  if (real / 2 ** shift < 0.5) shift -= 1;
  let mantissa = roundHalfAwayFromZero((real / 2 ** shift) * 2 ** 31);
  if (mantissa === 2 ** 31) {
    mantissa /= 2;
    shift += 1;
  }
  // Smaller multipliers make every int32 zero.
  if (shift < -31) return { mantissa: 0, shift: 0 };
  return { mantissa, shift };
}

/** Rounds to the nearest integer, halves away from zero, as C's `round` and TensorFlow Lite do. */
export function roundHalfAwayFromZero(x: number): number {
  return x < 0 ? -Math.floor(-x + 0.5) : Math.floor(x + 0.5);
}

/**
 * The high 32 bits of 2 * a * b, rounded to nearest with halves away from zero, saturated. Exact: the product is taken
 * in two parts that both fit in a double.
 */
export function saturatingRoundingDoublingHighMul(a: number, b: number): number {
  if (a === INT32_MIN && b === INT32_MIN) return INT32_MAX;
  const high = a * (b >> 16);
  const low = a * (b & 0xffff);
  // a * b = high * 2^16 + low; its sign is known without adding them.
  const negative = a !== 0 && b !== 0 && a < 0 !== b < 0;
  const nudged = low + (negative ? 1 - 2 ** 30 : 2 ** 30);
  const carry = Math.floor(nudged / 65_536);
  const rest = nudged - carry * 65_536;
  // (a * b + nudge) / 2^31 = (whole + rest / 2^16) / 2^15, truncated towards zero.
  const whole = high + carry;
  if (whole >= 0) return Math.floor(whole / 32_768);
  return rest > 0 ? Math.floor(whole / 32_768) + 1 : Math.ceil(whole / 32_768);
}

/** x / 2^exponent, rounded to nearest with halves away from zero. `exponent` is from 0 to 31. */
export function roundingDivideByPowerOfTwo(x: number, exponent: number): number {
  if (exponent === 0) return x;
  const divisor = 2 ** exponent;
  const quotient = Math.floor(x / divisor);
  const remainder = x - quotient * divisor;
  const threshold = divisor / 2 - (x < 0 ? 0 : 1);
  return remainder > threshold ? quotient + 1 : quotient;
}

/** x times a fixed-point multiplier, as quantised kernels compute it. */
export function multiplyByFixed(x: number, multiplier: FixedMultiplier): number {
  const { mantissa, shift } = multiplier;
  const left = shift > 0 ? Math.trunc(x * 2 ** shift) | 0 : x;
  return roundingDivideByPowerOfTwo(saturatingRoundingDoublingHighMul(left, mantissa), shift > 0 ? 0 : -shift);
}

/** Limits of an int8 output under a fused activation. */
export function int8Range(activation: string, scale: number, zeroPoint: number): readonly [number, number] {
  const quantized = (real: number): number => zeroPoint + roundHalfAwayFromZero(real / scale);
  const clamp = (q: number): number => Math.min(127, Math.max(-128, q));
  switch (activation) {
    case 'relu':
      return [clamp(zeroPoint), 127];
    case 'relu6':
      return [clamp(zeroPoint), clamp(quantized(6))];
    case 'relu_n1_to_1':
      return [clamp(quantized(-1)), clamp(quantized(1))];
    default:
      return [-128, 127];
  }
}
