import type { GraphBuilder } from '../builder/graph-builder.ts';
import type { TensorHandle } from '../builder/handles.ts';
import { TfliteError } from '../error.ts';
import type { Layer } from './layers-model.ts';

/** Adds a layer to a graph: from the tensors that it takes to the one that it makes. */
export type LayerConverter = (call: ConverterCall) => TensorHandle;

export interface ConverterCall {
  readonly g: GraphBuilder;
  readonly layer: Layer;
  readonly inputs: readonly TensorHandle[];
}

/** The only input of a layer. */
export function onlyInput(call: ConverterCall): TensorHandle {
  if (call.inputs.length !== 1)
    throw new TfliteError(`layer ${call.layer.name}`, `takes one input, got ${call.inputs.length}`);
  return call.inputs[0];
}

/** Refuses a layer with the reason. */
export function refuse(layer: Layer, problem: string): never {
  throw new TfliteError(`layer ${layer.name} (${layer.className})`, problem);
}

/** Transposes a row-major matrix. */
export function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(data.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) result[c * rows + r] = data[r * columns + c];
  return result;
}
