import type { OperatorName } from '../../model/operator-options.ts';
import { cast, dequantize, quantize } from './convert-types.ts';
import { convolution } from './convolution.ts';
import { binary, softmax, unary } from './elementwise.ts';
import { fullyConnected } from './fully-connected.ts';
import { binaryInt8, reduceInt8, softmaxInt8, unaryInt8 } from './int8.ts';
import { slot, type Kernel, type KernelContext } from './kernel.ts';
import { concatenation, copy, gather, pad, slice, split, stridedSlice, transpose } from './movement.ts';
import { pooling } from './pooling.ts';
import { reduceFloat } from './reduce.ts';

type Maker = (context: KernelContext) => Kernel;

function byType(float: Maker, integer: Maker): Maker {
  return (context) => (slot(context, 0).type === 'int8' ? integer(context) : float(context));
}

const unaryOf = byType(unary, unaryInt8);
const binaryOf = byType(binary, binaryInt8);
const reduceOf = byType(reduceFloat, reduceInt8);

const MAKERS: Readonly<Record<OperatorName, Maker>> = {
  ABS: unary,
  ADD: binaryOf,
  AVERAGE_POOL_2D: pooling,
  CAST: cast,
  CONCATENATION: concatenation,
  CONV_2D: convolution,
  DEPTHWISE_CONV_2D: convolution,
  DEQUANTIZE: dequantize,
  DIV: binary,
  ELU: unaryOf,
  EXP: unary,
  EXPAND_DIMS: copy,
  FULLY_CONNECTED: fullyConnected,
  GATHER: gather,
  HARD_SWISH: unaryOf,
  LEAKY_RELU: unaryOf,
  LOG: unary,
  LOGISTIC: unaryOf,
  LOG_SOFTMAX: softmax,
  MAXIMUM: binaryOf,
  MAX_POOL_2D: pooling,
  MEAN: reduceOf,
  MINIMUM: binaryOf,
  MUL: binaryOf,
  NEG: unary,
  PAD: pad,
  PRELU: binaryOf,
  QUANTIZE: quantize,
  REDUCE_MAX: reduceOf,
  REDUCE_MIN: reduceOf,
  RELU: unaryOf,
  RELU6: unaryOf,
  RELU_N1_TO_1: unaryOf,
  RESHAPE: copy,
  RSQRT: unary,
  SLICE: slice,
  SOFTMAX: byType(softmax, softmaxInt8),
  SPLIT: split,
  SQRT: unary,
  SQUARE: unary,
  SQUARED_DIFFERENCE: binary,
  SQUEEZE: copy,
  STRIDED_SLICE: stridedSlice,
  SUB: binaryOf,
  SUM: reduceFloat,
  TANH: unaryOf,
  TRANSPOSE: transpose,
};

/** The kernel that computes an operator on the memory of `context`. */
export function makeKernel(context: KernelContext): Kernel {
  return MAKERS[context.operator.op](context);
}
