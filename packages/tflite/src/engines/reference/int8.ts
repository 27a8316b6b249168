import { broadcastMap } from './index-map.ts';
import { fixedMultiplier, int8Range, multiplyByFixed, roundHalfAwayFromZero } from './fixed-point.ts';
import { int8, options, scaleOf, slot, zeroPointOf, type Kernel, type KernelContext } from './kernel.ts';
import { unaryLoop } from './elementwise.ts';
import { reductionPlan } from './reduce.ts';
import { exp } from './transcendental.ts';

function clamp(q: number, low = -128, high = 127): number {
  return q < low ? low : q > high ? high : q;
}

/** Operators of one int8 input: a table of 256 results, made once. */
export function unaryInt8(context: KernelContext): Kernel {
  const input = slot(context, 0);
  const [output] = context.outputs;
  const x = int8(input);
  const y = int8(output);
  const result = unaryResult(context);
  const table = new Int8Array(256);
  for (let q = -128; q < 128; q++) table[q + 128] = result(q);
  return () => {
    for (let i = 0; i < x.length; i++) y[i] = table[x[i] + 128];
  };
}

function unaryResult(context: KernelContext): (q: number) => number {
  const input = slot(context, 0);
  const [output] = context.outputs;
  const inputZero = zeroPointOf(input);
  const outputZero = zeroPointOf(output);
  const rescale = fixedMultiplier(scaleOf(input) / scaleOf(output));
  const linear = (q: number): number => multiplyByFixed(q - inputZero, rescale) + outputZero;
  switch (context.operator.op) {
    case 'RELU':
    case 'RELU6':
    case 'RELU_N1_TO_1': {
      const activation = context.operator.op.toLowerCase();
      const [low, high] = int8Range(activation, scaleOf(output), outputZero);
      return (q) => clamp(linear(q), low, high);
    }
    case 'LEAKY_RELU': {
      const slope = options(context, 'LEAKY_RELU').alpha * (scaleOf(input) / scaleOf(output));
      const negative = fixedMultiplier(Math.abs(slope));
      const sign = slope < 0 ? -1 : 1;
      return (q) => clamp(q >= inputZero ? linear(q) : sign * multiplyByFixed(q - inputZero, negative) + outputZero);
    }
    default: {
      // Curved functions: the runtime takes the same table from float32 values.
      const real = Float32Array.from({ length: 256 }, (_, i) => scaleOf(input) * (i - 128 - inputZero));
      unaryLoop(context)(real, real);
      const inverse = Math.fround(1 / scaleOf(output));
      return (q) => clamp(roundHalfAwayFromZero(Math.fround(real[q + 128] * inverse)) + outputZero);
    }
  }
}

type Integer = (a: number, b: number) => number;

/** Operators of two int8 inputs, with broadcasting. */
export function binaryInt8(context: KernelContext): Kernel {
  const [output] = context.outputs;
  const left = slot(context, 0);
  const right = slot(context, 1);
  const f = binaryResult(context);
  const a = int8(left);
  const b = int8(right);
  const y = int8(output);
  const aMap = broadcastMap(output.shape, left.shape);
  const bMap = broadcastMap(output.shape, right.shape);
  return () => {
    for (let i = 0; i < y.length; i++) y[i] = f(a[aMap[i]], b[bMap[i]]);
  };
}

function binaryResult(context: KernelContext): Integer {
  switch (context.operator.op) {
    case 'ADD':
      return additive(context, 1);
    case 'SUB':
      return additive(context, -1);
    case 'MUL':
      return product(context);
    case 'PRELU':
      return slope(context);
    case 'MAXIMUM':
      return (a, b) => (a > b ? a : b);
    case 'MINIMUM':
      return (a, b) => (a < b ? a : b);
    default:
      throw new Error(`no int8 function for ${context.operator.op}`);
  }
}

/** Both inputs are brought to a common scale with 20 more bits, then added. */
function additive(context: KernelContext, sign: number): Integer {
  const left = slot(context, 0);
  const right = slot(context, 1);
  const [output] = context.outputs;
  const common = 2 * Math.max(scaleOf(left), scaleOf(right));
  const leftMultiplier = fixedMultiplier(scaleOf(left) / common);
  const rightMultiplier = fixedMultiplier(scaleOf(right) / common);
  const outputMultiplier = fixedMultiplier(common / (2 ** 20 * scaleOf(output)));
  const leftZero = zeroPointOf(left);
  const rightZero = zeroPointOf(right);
  const outputZero = zeroPointOf(output);
  const [low, high] = int8Range(options(context, 'ADD').activation, scaleOf(output), outputZero);
  return (a, b) => {
    const x = multiplyByFixed((a - leftZero) * 2 ** 20, leftMultiplier);
    const y = multiplyByFixed((b - rightZero) * 2 ** 20, rightMultiplier);
    return clamp(multiplyByFixed(x + sign * y, outputMultiplier) + outputZero, low, high);
  };
}

function product(context: KernelContext): Integer {
  const left = slot(context, 0);
  const right = slot(context, 1);
  const [output] = context.outputs;
  // The runtime computes this quotient in float32.
  const multiplier = fixedMultiplier(Math.fround(Math.fround(scaleOf(left) * scaleOf(right)) / scaleOf(output)));
  const leftZero = zeroPointOf(left);
  const rightZero = zeroPointOf(right);
  const outputZero = zeroPointOf(output);
  const [low, high] = int8Range(options(context, 'MUL').activation, scaleOf(output), outputZero);
  return (a, b) => clamp(multiplyByFixed((a - leftZero) * (b - rightZero), multiplier) + outputZero, low, high);
}

function slope(context: KernelContext): Integer {
  const input = slot(context, 0);
  const alpha = slot(context, 1);
  const [output] = context.outputs;
  const positive = fixedMultiplier(scaleOf(input) / scaleOf(output));
  const negative = fixedMultiplier((scaleOf(input) * scaleOf(alpha)) / scaleOf(output));
  const inputZero = zeroPointOf(input);
  const alphaZero = zeroPointOf(alpha);
  const outputZero = zeroPointOf(output);
  return (q, a) => {
    const value = q - inputZero;
    const scaled = value >= 0 ? multiplyByFixed(value, positive) : multiplyByFixed(value * (a - alphaZero), negative);
    return clamp(scaled + outputZero);
  };
}

/** MEAN, REDUCE_MAX and REDUCE_MIN. The mean is rescaled in double precision: at most one step from any kernel. */
export function reduceInt8(context: KernelContext): Kernel {
  const input = slot(context, 0);
  const [output] = context.outputs;
  const x = int8(input);
  const y = int8(output);
  const { base, inner } = reductionPlan(input, slot(context, 1));
  const { op } = context.operator;
  const ratio = scaleOf(input) / scaleOf(output);
  const inputZero = zeroPointOf(input);
  const outputZero = zeroPointOf(output);
  return () => {
    for (let j = 0; j < base.length; j++) {
      let sum = 0;
      let largest = -128;
      let smallest = 127;
      for (let k = 0; k < inner.length; k++) {
        const value = x[base[j] + inner[k]];
        sum += value;
        largest = value > largest ? value : largest;
        smallest = value < smallest ? value : smallest;
      }
      if (op === 'MEAN') y[j] = clamp(roundHalfAwayFromZero((sum / inner.length - inputZero) * ratio) + outputZero);
      else y[j] = op === 'REDUCE_MAX' ? largest : smallest;
    }
  };
}

/** SOFTMAX over the last dimension, with a table of exponentials of differences from the largest value. */
export function softmaxInt8(context: KernelContext): Kernel {
  const input = slot(context, 0);
  const [output] = context.outputs;
  const x = int8(input);
  const y = int8(output);
  const { beta } = options(context, 'SOFTMAX');
  const table = new Float32Array(256);
  for (let below = 0; below < 256; below++) table[below] = exp(-below * scaleOf(input) * beta);
  const outputScale = scaleOf(output);
  const outputZero = zeroPointOf(output);
  const depth = input.shape.at(-1) ?? 1;
  return () => {
    for (let start = 0; start < x.length; start += depth) {
      let largest = -128;
      for (let i = 0; i < depth; i++) largest = x[start + i] > largest ? x[start + i] : largest;
      let sum = 0;
      for (let i = 0; i < depth; i++) sum += table[largest - x[start + i]];
      for (let i = 0; i < depth; i++) {
        const probability = table[largest - x[start + i]] / sum;
        y[start + i] = clamp(roundHalfAwayFromZero(probability / outputScale) + outputZero);
      }
    }
  };
}
