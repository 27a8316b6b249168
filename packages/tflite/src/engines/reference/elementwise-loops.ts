import type { OperatorName } from '../../model/operator-options.ts';
import { exp, expm1, log, logistic, tanh } from './transcendental.ts';

/** Arrays of numbers that are no 64-bit integers. */
export type Numbers =
  | Float32Array
  | Float64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array
  | Uint16Array
  | Uint32Array;

/** Computes `y[i]` from `x[i]`. Each operator has its own loop: a shared one would call through a pointer and allocate. */
export type UnaryLoop = (x: Numbers, y: Numbers) => void;

/** Computes `y[i]` from `a[aMap[i]]` and `b[bMap[i]]`. */
export type BinaryLoop = (a: Numbers, aMap: Int32Array, b: Numbers, bMap: Int32Array, y: Numbers) => void;

export const UNARY_LOOPS: Partial<Readonly<Record<OperatorName, UnaryLoop>>> = {
  ABS: (x, y) => {
    for (let i = 0; i < x.length; i++) y[i] = Math.abs(x[i]);
  },
  ELU: (x, y) => {
    for (let i = 0; i < x.length; i++) y[i] = x[i] < 0 ? expm1(x[i]) : x[i];
  },
  EXP: (x, y) => {
    for (let i = 0; i < x.length; i++) y[i] = exp(x[i]);
  },
  HARD_SWISH: (x, y) => {
    for (let i = 0; i < x.length; i++) y[i] = (x[i] * Math.min(Math.max(x[i] + 3, 0), 6)) / 6;
  },
  LOG: (x, y) => {
    for (let i = 0; i < x.length; i++) y[i] = log(x[i]);
  },
  LOGISTIC: (x, y) => {
    for (let i = 0; i < x.length; i++) y[i] = logistic(x[i]);
  },
  NEG: (x, y) => {
    for (let i = 0; i < x.length; i++) y[i] = -x[i];
  },
  RELU: (x, y) => {
    for (let i = 0; i < x.length; i++) y[i] = Math.max(x[i], 0);
  },
  RELU6: (x, y) => {
    for (let i = 0; i < x.length; i++) y[i] = Math.min(Math.max(x[i], 0), 6);
  },
  RELU_N1_TO_1: (x, y) => {
    for (let i = 0; i < x.length; i++) y[i] = Math.min(Math.max(x[i], -1), 1);
  },
  RSQRT: (x, y) => {
    for (let i = 0; i < x.length; i++) y[i] = 1 / Math.sqrt(x[i]);
  },
  SQRT: (x, y) => {
    for (let i = 0; i < x.length; i++) y[i] = Math.sqrt(x[i]);
  },
  SQUARE: (x, y) => {
    for (let i = 0; i < x.length; i++) y[i] = x[i] * x[i];
  },
  TANH: (x, y) => {
    for (let i = 0; i < x.length; i++) y[i] = tanh(x[i]);
  },
};

export function leakyReluLoop(alpha: number): UnaryLoop {
  return (x, y) => {
    for (let i = 0; i < x.length; i++) y[i] = x[i] >= 0 ? x[i] : x[i] * alpha;
  };
}

export const BINARY_LOOPS: Partial<Readonly<Record<OperatorName, BinaryLoop>>> = {
  ADD: (a, aMap, b, bMap, y) => {
    for (let i = 0; i < y.length; i++) y[i] = a[aMap[i]] + b[bMap[i]];
  },
  SUB: (a, aMap, b, bMap, y) => {
    for (let i = 0; i < y.length; i++) y[i] = a[aMap[i]] - b[bMap[i]];
  },
  MUL: (a, aMap, b, bMap, y) => {
    for (let i = 0; i < y.length; i++) y[i] = a[aMap[i]] * b[bMap[i]];
  },
  DIV: (a, aMap, b, bMap, y) => {
    for (let i = 0; i < y.length; i++) y[i] = a[aMap[i]] / b[bMap[i]];
  },
  MAXIMUM: (a, aMap, b, bMap, y) => {
    for (let i = 0; i < y.length; i++) y[i] = a[aMap[i]] > b[bMap[i]] ? a[aMap[i]] : b[bMap[i]];
  },
  MINIMUM: (a, aMap, b, bMap, y) => {
    for (let i = 0; i < y.length; i++) y[i] = a[aMap[i]] < b[bMap[i]] ? a[aMap[i]] : b[bMap[i]];
  },
  SQUARED_DIFFERENCE: (a, aMap, b, bMap, y) => {
    for (let i = 0; i < y.length; i++) {
      const difference = Math.fround(a[aMap[i]] - b[bMap[i]]);
      y[i] = difference * difference;
    }
  },
  PRELU: (a, aMap, b, bMap, y) => {
    for (let i = 0; i < y.length; i++) y[i] = a[aMap[i]] >= 0 ? a[aMap[i]] : a[aMap[i]] * b[bMap[i]];
  },
};

/** Products and quotients of int32, which wrap around and truncate. A quotient by 0 is 0. */
export const INTEGER_LOOPS: Partial<Readonly<Record<OperatorName, BinaryLoop>>> = {
  MUL: (a, aMap, b, bMap, y) => {
    for (let i = 0; i < y.length; i++) y[i] = Math.imul(a[aMap[i]], b[bMap[i]]);
  },
  DIV: (a, aMap, b, bMap, y) => {
    for (let i = 0; i < y.length; i++) y[i] = b[bMap[i]] === 0 ? 0 : Math.trunc(a[aMap[i]] / b[bMap[i]]);
  },
};
