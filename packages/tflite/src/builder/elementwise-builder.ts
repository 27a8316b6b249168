import type { FusedActivation } from '../model/operator-options.ts';
import { GraphCore } from './graph-core.ts';
import type { TensorHandle } from './handles.ts';

/** Operators of one input that have no options. */
export type UnaryOperator =
  | 'ABS'
  | 'ELU'
  | 'EXP'
  | 'HARD_SWISH'
  | 'LOG'
  | 'LOGISTIC'
  | 'NEG'
  | 'RELU'
  | 'RELU6'
  | 'RELU_N1_TO_1'
  | 'RSQRT'
  | 'SQRT'
  | 'SQUARE'
  | 'TANH';

/** Arithmetic, activations and reductions. Operands broadcast against one another. */
export class ElementwiseBuilder extends GraphCore {
  add(a: TensorHandle, b: TensorHandle, activation: FusedActivation = 'none', name?: string): TensorHandle {
    return this.append('ADD', [a, b], { activation, potScaleInt16: true }, { name });
  }

  sub(a: TensorHandle, b: TensorHandle, activation: FusedActivation = 'none', name?: string): TensorHandle {
    return this.append('SUB', [a, b], { activation, potScaleInt16: true }, { name });
  }

  mul(a: TensorHandle, b: TensorHandle, activation: FusedActivation = 'none', name?: string): TensorHandle {
    return this.append('MUL', [a, b], { activation }, { name });
  }

  div(a: TensorHandle, b: TensorHandle, activation: FusedActivation = 'none', name?: string): TensorHandle {
    return this.append('DIV', [a, b], { activation }, { name });
  }

  maximum(a: TensorHandle, b: TensorHandle, name?: string): TensorHandle {
    return this.append('MAXIMUM', [a, b], {}, { name });
  }

  minimum(a: TensorHandle, b: TensorHandle, name?: string): TensorHandle {
    return this.append('MINIMUM', [a, b], {}, { name });
  }

  squaredDifference(a: TensorHandle, b: TensorHandle, name?: string): TensorHandle {
    return this.append('SQUARED_DIFFERENCE', [a, b], {}, { name });
  }

  prelu(x: TensorHandle, slopes: TensorHandle, name?: string): TensorHandle {
    return this.append('PRELU', [x, slopes], {}, { name });
  }

  /** An operator of one input without options, such as LOG, ABS, RELU or TANH. */
  unary(op: UnaryOperator, x: TensorHandle, name?: string): TensorHandle {
    return this.append(op, [x], {}, { name });
  }

  log(x: TensorHandle, name?: string): TensorHandle {
    return this.unary('LOG', x, name);
  }

  exp(x: TensorHandle, name?: string): TensorHandle {
    return this.unary('EXP', x, name);
  }

  sqrt(x: TensorHandle, name?: string): TensorHandle {
    return this.unary('SQRT', x, name);
  }

  rsqrt(x: TensorHandle, name?: string): TensorHandle {
    return this.unary('RSQRT', x, name);
  }

  abs(x: TensorHandle, name?: string): TensorHandle {
    return this.unary('ABS', x, name);
  }

  neg(x: TensorHandle, name?: string): TensorHandle {
    return this.unary('NEG', x, name);
  }

  square(x: TensorHandle, name?: string): TensorHandle {
    return this.unary('SQUARE', x, name);
  }

  relu(x: TensorHandle, name?: string): TensorHandle {
    return this.unary('RELU', x, name);
  }

  /** min(max(x, -1), 1) */
  reluN1To1(x: TensorHandle, name?: string): TensorHandle {
    return this.unary('RELU_N1_TO_1', x, name);
  }

  relu6(x: TensorHandle, name?: string): TensorHandle {
    return this.unary('RELU6', x, name);
  }

  tanh(x: TensorHandle, name?: string): TensorHandle {
    return this.unary('TANH', x, name);
  }

  logistic(x: TensorHandle, name?: string): TensorHandle {
    return this.unary('LOGISTIC', x, name);
  }

  elu(x: TensorHandle, name?: string): TensorHandle {
    return this.unary('ELU', x, name);
  }

  hardSwish(x: TensorHandle, name?: string): TensorHandle {
    return this.unary('HARD_SWISH', x, name);
  }

  leakyRelu(x: TensorHandle, alpha: number, name?: string): TensorHandle {
    return this.append('LEAKY_RELU', [x], { alpha }, { name });
  }

  /** Over the last dimension. */
  softmax(x: TensorHandle, beta = 1, name?: string): TensorHandle {
    return this.append('SOFTMAX', [x], { beta }, { name });
  }

  logSoftmax(x: TensorHandle, name?: string): TensorHandle {
    return this.append('LOG_SOFTMAX', [x], {}, { name });
  }

  sum(x: TensorHandle, axes: readonly number[], keepDims = false, name?: string): TensorHandle {
    return this.append('SUM', [x, this.integers(axes)], { keepDims }, { name });
  }

  mean(x: TensorHandle, axes: readonly number[], keepDims = false, name?: string): TensorHandle {
    return this.append('MEAN', [x, this.integers(axes)], { keepDims }, { name });
  }

  reduceMax(x: TensorHandle, axes: readonly number[], keepDims = false, name?: string): TensorHandle {
    return this.append('REDUCE_MAX', [x, this.integers(axes)], { keepDims }, { name });
  }

  reduceMin(x: TensorHandle, axes: readonly number[], keepDims = false, name?: string): TensorHandle {
    return this.append('REDUCE_MIN', [x, this.integers(axes)], { keepDims }, { name });
  }
}
