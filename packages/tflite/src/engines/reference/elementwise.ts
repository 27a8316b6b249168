import type { FusedActivation } from '../../model/operator-options.ts';
import {
  BINARY_LOOPS,
  INTEGER_LOOPS,
  leakyReluLoop,
  UNARY_LOOPS,
  type Numbers,
  type UnaryLoop,
} from './elementwise-loops.ts';
import { broadcastMap } from './index-map.ts';
import { float32, floatRange, numbers, options, slot, type Kernel, type KernelContext, type Slot } from './kernel.ts';
import { exp, log } from './transcendental.ts';

/** The loop of an operator that takes one float value to one float value. */
export function unaryLoop(context: KernelContext): UnaryLoop {
  const { op } = context.operator;
  const loop = op === 'LEAKY_RELU' ? leakyReluLoop(options(context, 'LEAKY_RELU').alpha) : UNARY_LOOPS[op];
  if (loop === undefined) throw new Error(`no loop for ${op}`);
  return loop;
}

/** Operators of one input, float32. Results are rounded to float32 when they are stored. */
export function unary(context: KernelContext): Kernel {
  const loop = unaryLoop(context);
  const x = numbers(slot(context, 0));
  const y = numbers(context.outputs[0]);
  return () => loop(x, y);
}

/**
 * Operators of two inputs with broadcasting, float32 or int32. A sum, difference, product or quotient of two float32
 * values that is computed in double precision and rounded once equals the one computed in float32.
 */
export function binary(context: KernelContext): Kernel {
  const { op } = context.operator;
  const integer = slot(context, 0).type === 'int32' ? INTEGER_LOOPS[op] : undefined;
  const loop = integer ?? BINARY_LOOPS[op];
  if (loop === undefined) throw new Error(`no loop for ${op}`);
  // Comparisons work on 64-bit integers as they are; validation keeps those from the other operators.
  const take = op === 'MAXIMUM' || op === 'MINIMUM' ? (of: Slot): Numbers => of.data as unknown as Numbers : numbers;
  const a = take(slot(context, 0));
  const b = take(slot(context, 1));
  const [output] = context.outputs;
  const y = take(output);
  const aMap = broadcastMap(output.shape, slot(context, 0).shape);
  const bMap = broadcastMap(output.shape, slot(context, 1).shape);
  const activation = (context.operator.options as unknown as { activation?: FusedActivation }).activation ?? 'none';
  if (activation === 'none') return () => loop(a, aMap, b, bMap, y);
  const [low, high] = floatRange(activation);
  return () => {
    loop(a, aMap, b, bMap, y);
    for (let i = 0; i < y.length; i++) y[i] = Math.min(Math.max(y[i], low), high);
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
