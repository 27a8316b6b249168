import { TfliteError } from '../error.ts';
import { bytesPerElement, tensorArray, type TensorData } from './tensor-types.ts';
import { elementCount, type Model, type Tensor } from './types.ts';

/** Whether a tensor's values are stored in the model. */
export function isConstant(model: Model, tensor: Tensor): boolean {
  return tensor.buffer !== 0 && (model.buffers[tensor.buffer]?.byteLength ?? 0) > 0;
}

/**
 * The values of a constant tensor as a typed array: a view of the model's buffer where its alignment allows, else a
 * copy. Do not write to it. float16 comes as its bits, bool as 0 and 1.
 */
export function constantData(model: Model, tensor: Tensor): TensorData {
  const bytes = model.buffers[tensor.buffer] ?? new Uint8Array(0);
  const count = elementCount(tensor.shape);
  const size = bytesPerElement(tensor.type);
  if (bytes.byteLength !== count * size) {
    throw new TfliteError(
      `tensor ${tensor.name}`,
      `has ${bytes.byteLength} bytes of data, its shape [${tensor.shape.join(', ')}] needs ${count * size}`,
    );
  }
  const aligned = size > 0 && bytes.byteOffset % size === 0 && bytes.buffer instanceof ArrayBuffer;
  const source = aligned ? bytes : Uint8Array.from(bytes);
  const data = tensorArray(tensor.type, source.buffer as ArrayBuffer, source.byteOffset, count);
  if (data === undefined) throw new TfliteError(`tensor ${tensor.name}`, `has no numeric data (${tensor.type})`);
  return data;
}

/** The values of a constant int32 or int64 tensor as numbers, or undefined where it is not one. */
export function constantIntegers(model: Model, tensor: Tensor): number[] | undefined {
  if (tensor.type !== 'int32' && tensor.type !== 'int64') return undefined;
  if (!isConstant(model, tensor)) return elementCount(tensor.shape) === 0 && tensor.buffer !== 0 ? [] : undefined;
  return Array.from<bigint | number, number>(constantData(model, tensor) as Int32Array, Number);
}
