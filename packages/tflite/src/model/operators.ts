import type { FusedActivation, OperatorName, Padding } from './operator-options.ts';

/** How one option is stored: its slot in the options table, its kind, and the schema's default. */
export interface OptionField {
  readonly slot: number;
  readonly kind: 'int' | 'bool' | 'float' | 'activation' | 'padding' | 'byte' | 'ints';
  readonly default: number;
}

/** What the schema and the kernels say about an operator. */
export interface OperatorDefinition {
  readonly code: number;
  /** Code in the union `BuiltinOptions`; 0 where the operator has no options table. */
  readonly optionsCode: number;
  readonly options: Readonly<Record<string, OptionField>>;
  readonly minInputs: number;
  readonly maxInputs: number;
  readonly minOutputs: number;
  readonly maxOutputs: number;
  /** Inputs that must be constants, because shapes or plans depend on their values. */
  readonly constantInputs: readonly number[];
}

const MANY = 1024;

function field(slot: number, kind: OptionField['kind'], fallback = 0): OptionField {
  return { slot, kind, default: fallback };
}

function define(
  code: number,
  optionsCode: number,
  inputs: number | readonly [number, number],
  options: Readonly<Record<string, OptionField>> = {},
  constantInputs: readonly number[] = [],
  outputs: number | readonly [number, number] = 1,
): OperatorDefinition {
  const [minInputs, maxInputs] = typeof inputs === 'number' ? [inputs, inputs] : inputs;
  const [minOutputs, maxOutputs] = typeof outputs === 'number' ? [outputs, outputs] : outputs;
  return { code, optionsCode, options, minInputs, maxInputs, minOutputs, maxOutputs, constantInputs };
}

const ADDITIVE = { activation: field(0, 'activation'), potScaleInt16: field(1, 'bool', 1) };
const MULTIPLICATIVE = { activation: field(0, 'activation') };
const REDUCER = { keepDims: field(0, 'bool') };
const POOL = {
  padding: field(0, 'padding'),
  strideWidth: field(1, 'int'),
  strideHeight: field(2, 'int'),
  filterWidth: field(3, 'int'),
  filterHeight: field(4, 'int'),
  activation: field(5, 'activation'),
};

/** Codes and layouts of every supported operator (schema enums `BuiltinOperator` and `BuiltinOptions`). */
export const OPERATORS: Readonly<Record<OperatorName, OperatorDefinition>> = {
  ABS: define(101, 78, 1),
  ADD: define(0, 11, 2, ADDITIVE),
  AVERAGE_POOL_2D: define(1, 5, 1, POOL),
  CAST: define(53, 37, 1, { inputType: field(0, 'byte'), outputType: field(1, 'byte') }),
  CONCATENATION: define(2, 10, [1, MANY], { axis: field(0, 'int'), activation: field(1, 'activation') }),
  // A convolution without bias has one of zeros: the kernels insist.
  CONV_2D: define(3, 1, 3, {
    padding: field(0, 'padding'),
    strideWidth: field(1, 'int'),
    strideHeight: field(2, 'int'),
    activation: field(3, 'activation'),
    dilationWidth: field(4, 'int', 1),
    dilationHeight: field(5, 'int', 1),
  }),
  DEPTHWISE_CONV_2D: define(4, 2, 3, {
    padding: field(0, 'padding'),
    strideWidth: field(1, 'int'),
    strideHeight: field(2, 'int'),
    depthMultiplier: field(3, 'int'),
    activation: field(4, 'activation'),
    dilationWidth: field(5, 'int', 1),
    dilationHeight: field(6, 'int', 1),
  }),
  DEQUANTIZE: define(6, 38, 1),
  DIV: define(42, 29, 2, MULTIPLICATIVE),
  ELU: define(111, 0, 1),
  EXP: define(47, 33, 1),
  EXPAND_DIMS: define(70, 52, 2, {}, [1]),
  FULLY_CONNECTED: define(9, 8, [2, 3], {
    activation: field(0, 'activation'),
    weightsFormat: field(1, 'byte'),
    keepNumDims: field(2, 'bool'),
    asymmetricQuantizeInputs: field(3, 'bool'),
  }),
  GATHER: define(36, 23, 2, { axis: field(0, 'int'), batchDims: field(1, 'int') }),
  HARD_SWISH: define(117, 91, 1),
  LEAKY_RELU: define(98, 75, 1, { alpha: field(0, 'float') }),
  LOG: define(73, 0, 1),
  LOGISTIC: define(14, 0, 1),
  LOG_SOFTMAX: define(50, 36, 1),
  MAXIMUM: define(55, 39, 2),
  MAX_POOL_2D: define(17, 5, 1, POOL),
  MEAN: define(40, 27, 2, REDUCER, [1]),
  MINIMUM: define(57, 39, 2),
  MUL: define(18, 21, 2, MULTIPLICATIVE),
  NEG: define(59, 42, 1),
  PAD: define(34, 22, 2, {}, [1]),
  PRELU: define(54, 0, 2),
  QUANTIZE: define(114, 89, 1),
  REDUCE_MAX: define(82, 27, 2, REDUCER, [1]),
  REDUCE_MIN: define(89, 27, 2, REDUCER, [1]),
  RELU: define(19, 0, 1),
  RELU6: define(21, 0, 1),
  RELU_N1_TO_1: define(20, 0, 1),
  RESHAPE: define(22, 17, [1, 2], { newShape: field(0, 'ints') }, [1]),
  RSQRT: define(76, 0, 1),
  SLICE: define(65, 48, 3, {}, [1, 2]),
  SOFTMAX: define(25, 9, 1, { beta: field(0, 'float') }),
  SPLIT: define(49, 35, 2, { numSplits: field(0, 'int') }, [0], [1, MANY]),
  SQRT: define(75, 0, 1),
  SQUARE: define(92, 66, 1),
  SQUARED_DIFFERENCE: define(99, 76, 2),
  SQUEEZE: define(43, 30, 1, { squeezeDims: field(0, 'ints') }),
  STRIDED_SLICE: define(
    45,
    32,
    4,
    {
      beginMask: field(0, 'int'),
      endMask: field(1, 'int'),
      ellipsisMask: field(2, 'int'),
      newAxisMask: field(3, 'int'),
      shrinkAxisMask: field(4, 'int'),
      offset: field(5, 'bool'),
    },
    [1, 2, 3],
  ),
  SUB: define(41, 28, 2, ADDITIVE),
  SUM: define(74, 27, 2, REDUCER, [1]),
  TANH: define(28, 0, 1),
  TRANSPOSE: define(39, 26, 2, {}, [1]),
};

const NAME_BY_CODE = new Map<number, OperatorName>(
  (Object.keys(OPERATORS) as OperatorName[]).map((name) => [OPERATORS[name].code, name]),
);

/** The supported operator with this schema code, or undefined. */
export function operatorFromCode(code: number): OperatorName | undefined {
  return NAME_BY_CODE.get(code);
}

/** Names of all supported operators, sorted. */
export const SUPPORTED_OPERATORS: readonly OperatorName[] = Object.freeze(
  (Object.keys(OPERATORS) as OperatorName[]).toSorted(),
);

/** Schema codes of fused activations: the index is the code. */
export const ACTIVATIONS: readonly FusedActivation[] = ['none', 'relu', 'relu_n1_to_1', 'relu6', 'tanh', 'sign_bit'];

/** Schema codes of paddings: the index is the code. */
export const PADDINGS: readonly Padding[] = ['same', 'valid'];
