import { fixedMultiplier, multiplyByFixed, roundHalfAwayFromZero } from './fixed-point.ts';
import { float32, int8, scaleOf, slot, zeroPointOf, type Kernel, type KernelContext } from './kernel.ts';

/** Float to int8, or int8 to int8 of another scale. */
export function quantize(context: KernelContext): Kernel {
  const input = slot(context, 0);
  const [output] = context.outputs;
  const y = int8(output);
  const scale = scaleOf(output);
  const zeroPoint = zeroPointOf(output);
  if (input.type === 'int8') return requantize(context);
  const x = float32(input);
  return () => {
    for (let i = 0; i < x.length; i++) {
      const q = roundHalfAwayFromZero(Math.fround(x[i] / scale)) + zeroPoint;
      // NaN becomes the zero point: an int8 has no way to say it.
      y[i] = q < -128 ? -128 : q > 127 ? 127 : Number.isNaN(q) ? zeroPoint : q;
    }
  };
}

function requantize(context: KernelContext): Kernel {
  const input = slot(context, 0);
  const [output] = context.outputs;
  const x = int8(input);
  const y = int8(output);
  const inputZero = zeroPointOf(input);
  const outputZero = zeroPointOf(output);
  const multiplier = fixedMultiplier(scaleOf(input) / scaleOf(output));
  return () => {
    for (let i = 0; i < x.length; i++) {
      const q = multiplyByFixed(x[i] - inputZero, multiplier) + outputZero;
      y[i] = q < -128 ? -128 : q > 127 ? 127 : q;
    }
  };
}

/** int8 or float16 to float32. */
export function dequantize(context: KernelContext): Kernel {
  const input = slot(context, 0);
  const y = float32(context.outputs[0]);
  if (input.type === 'float16') {
    const bits = input.data as Uint16Array;
    return () => {
      for (let i = 0; i < bits.length; i++) y[i] = float16Value(bits[i]);
    };
  }
  const x = int8(input);
  const scale = scaleOf(input);
  const zeroPoint = zeroPointOf(input);
  return () => {
    for (let i = 0; i < x.length; i++) y[i] = (x[i] - zeroPoint) * scale;
  };
}

/** The value of a half-precision number (IEEE 754 binary16) given by its bits. */
export function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** CAST. Floats are truncated towards zero to integers and saturate at their limits; NaN gives 0. */
export function cast(context: KernelContext): Kernel {
  const from = slot(context, 0).data as unknown as ArrayLike<number | bigint>;
  const [output] = context.outputs;
  const limits = INTEGER_LIMITS[output.type];
  if (output.data instanceof BigInt64Array) {
    const to = output.data;
    return () => {
      for (let i = 0; i < from.length; i++) to[i] = toBigInt(from[i]);
    };
  }
  const to = output.data as Float32Array;
  const boolean = output.type === 'bool';
  return () => {
    for (let i = 0; i < from.length; i++) {
      const value = Number(from[i]);
      if (boolean) to[i] = value === 0 ? 0 : 1;
      else if (limits === undefined) to[i] = value;
      else to[i] = Math.min(Math.max(Math.trunc(value) || 0, limits[0]), limits[1]);
    }
  };
}

const INTEGER_LIMITS: Readonly<Record<string, readonly [number, number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int8: [-128, 127],
  uint8: [0, 255],
};

function toBigInt(value: number | bigint): bigint {
  if (typeof value === 'bigint') return value;
  if (Number.isNaN(value)) return 0n;
  return BigInt(Math.trunc(Math.min(Math.max(value, -(2 ** 63)), 2 ** 63 - 1024)));
}
