import type { FusedActivation, OperatorName } from '../../model/operator-options.ts';
import { sameShape } from '../../model/broadcast.ts';
import { broadcastMap } from './index-map.ts';
import { float32, floatRange, numbers, options, slot, type Kernel, type KernelContext } from './kernel.ts';
import { exp, expm1, log, logistic, tanh } from './transcendental.ts';

type Unary = (x: number) => number;
type Binary = (a: number, b: number) => number;

const UNARY: Partial<Readonly<Record<OperatorName, Unary>>> = {
  ABS: Math.abs,
  ELU: (x) => (x < 0 ? expm1(x) : x),
  EXP: exp,
  HARD_SWISH: (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6,
  LOG: log,
  LOGISTIC: logistic,
  NEG: (x) => -x,
  RELU: (x) => Math.max(x, 0),
  RELU6: (x) => Math.min(Math.max(x, 0), 6),
  RELU_N1_TO_1: (x) => Math.min(Math.max(x, -1), 1),
  RSQRT: (x) => 1 / Math.sqrt(x),
  SQRT: Math.sqrt,
  SQUARE: (x) => x * x,
  TANH: tanh,
};

const BINARY: Partial<Readonly<Record<OperatorName, Binary>>> = {
  ADD: (a, b) => a + b,
  SUB: (a, b) => a - b,
  MUL: (a, b) => a * b,
  DIV: (a, b) => a / b,
  MAXIMUM: (a, b) => (a > b ? a : b),
  MINIMUM: (a, b) => (a < b ? a : b),
  SQUARED_DIFFERENCE: (a, b) => {
    const difference = Math.fround(a - b);
    return difference * difference;
  },
  PRELU: (a, slope) => (a >= 0 ? a : a * slope),
};

/** The function of a float operator that takes one value to one value, or undefined. */
export function unaryFunction(context: KernelContext): Unary | undefined {
  if (context.operator.op === 'LEAKY_RELU') {
    const { alpha } = options(context, 'LEAKY_RELU');
    return (x) => (x >= 0 ? x : x * alpha);
  }
  return UNARY[context.operator.op];
}

/** Operators of one input, float32. Results are rounded to float32 when they are stored. */
export function unary(context: KernelContext): Kernel {
  const f = unaryFunction(context);
  if (f === undefined) throw new Error(`no function for ${context.operator.op}`);
  const x = numbers(slot(context, 0));
  const y = numbers(context.outputs[0]);
  return () => {
    for (let i = 0; i < x.length; i++) y[i] = f(x[i]);
  };
}

/**
 * Operators of two inputs with broadcasting, float32 or int32. A sum, difference, product or quotient of two float32
 * values that is computed in double precision and rounded once equals the one computed in float32.
 */
export function binary(context: KernelContext): Kernel {
  const { op } = context.operator;
  const f = op === 'MUL' && slot(context, 0).type === 'int32' ? Math.imul : BINARY[op];
  if (f === undefined) throw new Error(`no function for ${op}`);
  const integer = slot(context, 0).type === 'int32' && op === 'DIV';
  const g: Binary = integer ? (a, b) => (b === 0 ? 0 : Math.trunc(a / b)) : f;
  const a = numbers(slot(context, 0));
  const b = numbers(slot(context, 1));
  const [output] = context.outputs;
  const y = numbers(output);
  const activation = (context.operator.options as unknown as { activation?: FusedActivation }).activation ?? 'none';
  const [low, high] = floatRange(activation);
  const aShape = slot(context, 0).shape;
  const bShape = slot(context, 1).shape;
  if (sameShape(aShape, bShape)) {
    return () => {
      for (let i = 0; i < y.length; i++) {
        const value = g(a[i], b[i]);
        y[i] = value < low ? low : value > high ? high : value;
      }
    };
  }
  const aMap = broadcastMap(output.shape, aShape);
  const bMap = broadcastMap(output.shape, bShape);
  return () => {
    for (let i = 0; i < y.length; i++) {
      const value = g(a[aMap[i]], b[bMap[i]]);
      y[i] = value < low ? low : value > high ? high : value;
    }
  };
}

/** SOFTMAX and LOG_SOFTMAX over the last dimension. */
export function softmax(context: KernelContext): Kernel {
  const input = slot(context, 0);
  const x = float32(input);
  const y = float32(context.outputs[0]);
  const logarithm = context.operator.op === 'LOG_SOFTMAX';
  const beta = logarithm ? 1 : options(context, 'SOFTMAX').beta;
  const depth = input.shape.at(-1) ?? 1;
  return () => {
    for (let start = 0; start < x.length; start += depth) {
      let largest = -Infinity;
      for (let i = 0; i < depth; i++) largest = Math.max(largest, x[start + i]);
      let sum = 0;
      for (let i = 0; i < depth; i++) sum += exp((x[start + i] - largest) * beta);
      const logSum = logarithm ? log(sum) : 0;
      for (let i = 0; i < depth; i++) {
        const shifted = x[start + i] - largest;
        y[start + i] = logarithm ? shifted - logSum : exp(shifted * beta) / sum;
      }
    }
  };
}
