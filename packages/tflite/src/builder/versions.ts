import type { OperatorName } from '../model/operator-options.ts';
import type { TensorType } from '../model/tensor-types.ts';

interface Typed {
  readonly type: TensorType;
  readonly shape: readonly number[];
  readonly quantization?: { readonly scale: readonly number[] };
}

/** Versions at which an operator began to take int8, where it did not always. */
const INT8_VERSION: Partial<Readonly<Record<OperatorName, number>>> = {
  ADD: 2,
  AVERAGE_POOL_2D: 2,
  CONCATENATION: 2,
  CONV_2D: 3,
  DEPTHWISE_CONV_2D: 3,
  DEQUANTIZE: 2,
  ELU: 1,
  FULLY_CONNECTED: 4,
  GATHER: 2,
  LEAKY_RELU: 2,
  LOGISTIC: 2,
  MAXIMUM: 2,
  MAX_POOL_2D: 2,
  MEAN: 2,
  MINIMUM: 2,
  MUL: 2,
  PAD: 2,
  REDUCE_MAX: 2,
  REDUCE_MIN: 2,
  RELU: 2,
  RELU6: 2,
  RELU_N1_TO_1: 1,
  SLICE: 2,
  SOFTMAX: 2,
  SPLIT: 2,
  STRIDED_SLICE: 2,
  SUB: 2,
  TANH: 2,
  TRANSPOSE: 2,
};

/**
 * The lowest version of an operator that covers these tensors: a runtime refuses versions that it does not know, so a
 * needlessly high one would lock out older runtimes, and one too low would let them compute something else.
 */
export function minimumVersion(
  op: OperatorName,
  inputs: readonly Typed[],
  outputs: readonly Typed[],
  options: Readonly<Record<string, unknown>> = {},
): number {
  const first = op === 'SPLIT' ? inputs[1] : inputs[0];
  switch (op) {
    case 'FULLY_CONNECTED':
      return fullyConnectedVersion(inputs);
    case 'QUANTIZE':
      // Version 2 takes int8 input (a change of scale).
      return first.type === 'float32' ? 1 : 2;
    case 'DEQUANTIZE':
      return first.type === 'float16' ? 3 : 2;
    case 'DEPTHWISE_CONV_2D':
      if (first.type === 'int8') return 3;
      // Version 2 brought dilation.
      return options['dilationWidth'] !== 1 || options['dilationHeight'] !== 1 ? 2 : 1;
    default:
      return first.type === 'int8' || outputs[0].type === 'int8' ? (INT8_VERSION[op] ?? 1) : 1;
  }
}

function fullyConnectedVersion(inputs: readonly Typed[]): number {
  const [input, weights] = inputs;
  if (input.type === 'int8') return 4;
  if (weights.type === 'int8') return 3;
  // Input of more than two dimensions that keeps them.
  if (input.shape.length > 2) return 5;
  // Without a bias.
  return inputs.length < 3 ? 6 : 1;
}
