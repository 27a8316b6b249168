import { TfliteError } from '../error.ts';
import type { EngineData, TensorType } from '../model/tensor-types.ts';
import { elementCount, type Model, type Quantization } from '../model/types.ts';
import { inputEntries, outputEntries } from '../model/prune.ts';

export type EngineName = 'native' | 'wasm' | 'reference';

/** An input or output of an engine. */
export interface TensorInfo {
  /** Its name in the model's first signature, or its tensor's name where the model has no signature. */
  readonly name: string;
  readonly type: TensorType;
  /** Shape at the current batch size. */
  readonly shape: readonly number[];
  /** Number of elements at the current batch size: the length of the typed array that `run` takes. */
  readonly length: number;
  readonly quantization?: Quantization;
}

/** A loaded model that computes rows. Not safe for use by several threads; load one engine per worker thread. */
export interface Engine {
  readonly name: EngineName;
  /** What exactly computes, such as `XNNPACK` or `TensorFlow Lite 2.9.1`. */
  readonly detail: string;
  readonly batch: number;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** Sets the first dimension of every input. Costs an allocation of the graph; rows run one at a time need none. */
  resize(batch: number): void;
  /**
   * Computes one batch. `inputs` and `outputs` are the caller's arrays in the order of `inputs` and `outputs` here, each
   * of exactly the stated length and of the array kind of its type (Float32Array for float32, Int8Array for int8).
   * The native and wasm engines allocate nothing, so that running costs no garbage collection.
   */
  run(inputs: readonly EngineData[], outputs: readonly EngineData[]): void;
  /** Frees the engine. Using it afterwards throws. */
  dispose(): void;
}

/** Describes inputs and outputs of a model as engines do. */
export function describeTensors(model: Model, side: 'inputs' | 'outputs'): TensorInfo[] {
  const entries = side === 'inputs' ? inputEntries(model) : outputEntries(model);
  return entries.map(({ name, tensor: index }) => {
    const tensor = model.subgraphs[0].tensors[index];
    return {
      name,
      type: tensor.type,
      shape: tensor.shape,
      length: elementCount(tensor.shape),
      ...(tensor.quantization === undefined ? {} : { quantization: tensor.quantization }),
    };
  });
}

/** Throws unless `arrays` has one array of the right length and kind for each of `infos`. */
export function checkArrays(
  side: 'input' | 'output',
  infos: readonly TensorInfo[],
  arrays: readonly EngineData[],
): void {
  if (arrays.length !== infos.length)
    throw new TfliteError(`run`, `got ${arrays.length} ${side}s, the model has ${infos.length}`);
  for (let i = 0; i < infos.length; i++) {
    const info = infos[i];
    const array = arrays[i];
    if (array.length !== info.length) {
      throw new TfliteError(
        `${side} ${info.name}`,
        `got ${array.length} values, shape [${info.shape.join(', ')}] needs ${info.length}`,
      );
    }
    if (!isKind(array, info.type))
      throw new TfliteError(`${side} ${info.name}`, `is ${info.type}, got a ${array.constructor.name}`);
  }
}

function isKind(array: EngineData, type: TensorType): boolean {
  switch (type) {
    case 'float32':
      return array instanceof Float32Array;
    case 'int8':
      return array instanceof Int8Array;
    case 'int32':
      return array instanceof Int32Array;
    case 'int16':
      return array instanceof Int16Array;
    case 'uint8':
    case 'bool':
      return array instanceof Uint8Array;
    default:
      return false;
  }
}
