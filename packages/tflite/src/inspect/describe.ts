import { isConstant } from '../model/constants.ts';
import { inputEntries, outputEntries } from '../model/prune.ts';
import { bytesPerElement, type TensorType } from '../model/tensor-types.ts';
import { elementCount, type Model, type Operator, type Tensor } from '../model/types.ts';

export interface TensorSummary {
  readonly name: string;
  readonly type: TensorType;
  /** -1 where the dimension is open. */
  readonly shape: readonly number[];
  readonly scale?: number;
  readonly zeroPoint?: number;
  /** Number of scales where there is one for each channel. */
  readonly channels?: number;
}

export interface OperatorSummary {
  readonly index: number;
  readonly op: string;
  readonly version: number;
  readonly inputs: readonly string[];
  readonly output: TensorSummary;
  /** Bytes of the constants that the operator reads. */
  readonly constantBytes: number;
  /** Multiplications of one row, for operators with weights. */
  readonly multiplications: number;
}

/** What `edgeguard tflite inspect` shows; plain data that goes into JSON as it is. */
export interface ModelSummary {
  readonly description: string;
  readonly inputs: readonly TensorSummary[];
  readonly outputs: readonly TensorSummary[];
  readonly operators: readonly OperatorSummary[];
  /** Bytes of constants by element type. */
  readonly constantBytes: Readonly<Partial<Record<TensorType, number>>>;
  /** Bytes of tensors that are computed, at the batch in the file. */
  readonly computedBytes: number;
  readonly multiplications: number;
  readonly metadata: readonly string[];
}

/** Summarises the first subgraph of a model. */
export function describeModel(model: Model): ModelSummary {
  const [subgraph] = model.subgraphs;
  const constantBytes: Partial<Record<TensorType, number>> = {};
  let computedBytes = 0;
  for (const tensor of subgraph.tensors) {
    const bytes = elementCount(tensor.shape) * bytesPerElement(tensor.type);
    if (isConstant(model, tensor)) constantBytes[tensor.type] = (constantBytes[tensor.type] ?? 0) + bytes;
    else computedBytes += bytes;
  }
  const operators = subgraph.operators.map((operator, index) => describeOperator(model, operator, index));
  return {
    description: model.description,
    inputs: inputEntries(model).map((entry) => ({
      ...describeTensor(subgraph.tensors[entry.tensor]),
      name: entry.name,
    })),
    outputs: outputEntries(model).map((entry) => ({
      ...describeTensor(subgraph.tensors[entry.tensor]),
      name: entry.name,
    })),
    operators,
    constantBytes,
    computedBytes,
    multiplications: operators.reduce((sum, operator) => sum + operator.multiplications, 0),
    metadata: model.metadata.map((entry) => entry.name),
  };
}

function describeTensor(tensor: Tensor): TensorSummary {
  const { name, type, quantization } = tensor;
  const shape = tensor.shapeSignature ?? tensor.shape;
  if (quantization === undefined || quantization.scale.length === 0) return { name, type, shape };
  if (quantization.scale.length > 1) return { name, type, shape, channels: quantization.scale.length };
  return { name, type, shape, scale: quantization.scale[0], zeroPoint: quantization.zeroPoint[0] };
}

function describeOperator(model: Model, operator: Operator, index: number): OperatorSummary {
  const { tensors } = model.subgraphs[0];
  const inputs = operator.inputs.filter((input) => input !== -1).map((input) => tensors[input]);
  return {
    index,
    op: operator.op,
    version: operator.version,
    inputs: inputs.map((tensor) => tensor.name),
    output: describeTensor(tensors[operator.outputs[0]]),
    constantBytes: inputs
      .filter((tensor) => isConstant(model, tensor))
      .reduce((sum, tensor) => sum + elementCount(tensor.shape) * bytesPerElement(tensor.type), 0),
    multiplications: multiplications(operator, inputs, tensors[operator.outputs[0]]),
  };
}

function multiplications(operator: Operator, inputs: readonly Tensor[], output: Tensor): number {
  const rows = Math.max(1, output.shape[0] ?? 1);
  switch (operator.op) {
    case 'FULLY_CONNECTED':
      return (elementCount(output.shape) / rows) * inputs[1].shape[1];
    case 'CONV_2D':
      return (elementCount(output.shape) / rows) * elementCount(inputs[1].shape.slice(1));
    case 'DEPTHWISE_CONV_2D':
      return (elementCount(output.shape) / rows) * inputs[1].shape[1] * inputs[1].shape[2];
    default:
      return 0;
  }
}
