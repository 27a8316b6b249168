/**
 * Elementary functions from nothing but IEEE 754 additions, multiplications and divisions in double precision, which
 * every machine computes alike. Their relative error is below 1e-15, far below float32's own step.
 * `Math.exp` and its kin may differ between processors in the last place.
 */

const LN2_HIGH = 6.931_471_803_691_238_16e-1;
const LN2_LOW = 1.908_214_929_270_587_7e-10;

/** Exponents of two that the results of `exp` can need within the range of float32. */
const LOWEST_POWER = -160;
const POWERS_OF_TWO = new Float64Array(300);
// By doubling and halving, which is exact; how a machine computes powers is its own affair.
POWERS_OF_TWO[-LOWEST_POWER] = 1;
for (let i = -LOWEST_POWER + 1; i < POWERS_OF_TWO.length; i++) POWERS_OF_TWO[i] = POWERS_OF_TWO[i - 1] * 2;
for (let i = -LOWEST_POWER - 1; i >= 0; i--) POWERS_OF_TWO[i] = POWERS_OF_TWO[i + 1] / 2;

/** exp(r) - 1 for |r| up to 0.35, by its Taylor series in Horner's form. */
function smallExpm1(r: number): number {
  let sum = 1 / 87_178_291_200;
  sum = sum * r + 1 / 6_227_020_800;
  sum = sum * r + 1 / 479_001_600;
  sum = sum * r + 1 / 39_916_800;
  sum = sum * r + 1 / 3_628_800;
  sum = sum * r + 1 / 362_880;
  sum = sum * r + 1 / 40_320;
  sum = sum * r + 1 / 5040;
  sum = sum * r + 1 / 720;
  sum = sum * r + 1 / 120;
  sum = sum * r + 1 / 24;
  sum = sum * r + 1 / 6;
  sum = sum * r + 0.5;
  sum = sum * r + 1;
  return sum * r;
}

/** e to the power x, for results within float32; 0 and Infinity beyond. */
export function exp(x: number): number {
  if (x > 89) return Infinity;
  if (x < -105) return 0;
  if (Number.isNaN(x)) return x;
  const k = Math.round(x * Math.LOG2E);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  return (1 + smallExpm1(r)) * POWERS_OF_TWO[k - LOWEST_POWER];
}

/** exp(x) - 1, exact near 0. */
export function expm1(x: number): number {
  return x > -0.35 && x < 0.35 ? smallExpm1(x) : exp(x) - 1;
}

const scratch = new Float64Array(1);
const scratchBits = new Uint32Array(scratch.buffer);
/** Which half of a double holds its exponent: 1 on little-endian machines. */
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/** The natural logarithm of a float32 value: NaN below 0, -Infinity at 0. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return Infinity;
  // Float32 values, subnormal ones too, are normal doubles: the exponent field can be taken as it is.
  scratch[0] = x;
  const high = scratchBits[HIGH];
  let exponent = (high >>> 20) - 1023;
  scratchBits[HIGH] = (high & 0x000f_ffff) | 0x3ff0_0000;
  let mantissa = scratch[0];
  if (mantissa > Math.SQRT2) {
    mantissa *= 0.5;
    exponent += 1;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  const z = s * s;
  let sum = 1 / 21;
  sum = sum * z + 1 / 19;
  sum = sum * z + 1 / 17;
  sum = sum * z + 1 / 15;
  sum = sum * z + 1 / 13;
  sum = sum * z + 1 / 11;
  sum = sum * z + 1 / 9;
  sum = sum * z + 1 / 7;
  sum = sum * z + 1 / 5;
  sum = sum * z + 1 / 3;
  sum = sum * z + 1;
  return exponent * LN2_LOW + 2 * s * sum + exponent * LN2_HIGH;
}

/** The hyperbolic tangent. */
export function tanh(x: number): number {
  if (x > 20) return 1;
  if (x < -20) return -1;
  const t = expm1(2 * x);
  return t / (t + 2);
}

/** 1 / (1 + exp(-x)). */
export function logistic(x: number): number {
  if (x >= 0) return 1 / (1 + exp(-x));
  const t = exp(x);
  return t / (1 + t);
}
