import { bytesPerElement, elementCount, isConstant, type Model, type Tensor } from '@edgeguard/tflite/model';

/** One operator of a graph, in execution order. */
export interface OperatorRow {
  readonly operator: string;
  /** Version of the operator: what decides which runtimes can run it. */
  readonly version: number;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Bytes of the constants that it reads. */
  readonly constantBytes: number;
}

/** The operators of a model's main graph. */
export function operatorRows(model: Model): OperatorRow[] {
  const [graph] = model.subgraphs;
  if (!graph) return [];
  return graph.operators.map((operator) => {
    const read = operator.inputs.filter((index) => index >= 0).map((index) => graph.tensors[index]!);
    return {
      operator: operator.op,
      version: operator.version,
      inputs: read.map(describeTensor),
      outputs: operator.outputs.map((index) => describeTensor(graph.tensors[index]!)),
      constantBytes: read
        .filter((tensor) => isConstant(model, tensor))
        .reduce((sum, tensor) => sum + bytesOf(tensor), 0),
    };
  });
}

/** `name float32[?,54]`: an open dimension is a question mark. */
function describeTensor(tensor: Tensor): string {
  const shape = tensor.shape.map((size, d) => (tensor.shapeSignature?.[d] === -1 ? '?' : String(size)));
  return `${tensor.name} ${tensor.type}[${shape.join(',')}]`;
}

function bytesOf(tensor: Tensor): number {
  return elementCount(tensor.shape) * bytesPerElement(tensor.type);
}
