import { TfliteError } from '../error.ts';
import { float16Value } from '../engines/reference/convert-types.ts';
import type { LayerWeight } from './layers-model.ts';

/** One entry of a weights manifest. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: { readonly dtype: string; readonly scale?: number; readonly min?: number };
}

const BYTES: Readonly<Record<string, number>> = { float32: 4, float16: 2, int32: 4, uint16: 2, uint8: 1, bool: 1 };

/**
 * Decodes the weights of a manifest from the bytes that it describes, in order. Weights stored as float16, uint8 or
 * uint16 with scale and minimum become float32. Throws `TfliteError` where sizes and bytes do not fit.
 */
export function decodeWeights(specs: readonly WeightSpec[], bytes: Uint8Array): Map<string, LayerWeight> {
  const weights = new Map<string, LayerWeight>();
  let offset = 0;
  for (const spec of specs) {
    const stored = spec.quantization?.dtype ?? spec.dtype;
    const size = Object.hasOwn(BYTES, stored) ? BYTES[stored] : undefined;
    if (size === undefined) throw new TfliteError(`weight ${spec.name}`, `has the unsupported type ${stored}`);
    const count = spec.shape.reduce((product, dimension) => product * dimension, 1);
    if (!Number.isSafeInteger(count) || count < 0 || offset + count * size > bytes.byteLength) {
      throw new TfliteError(`weight ${spec.name}`, `lies outside of the ${bytes.byteLength} bytes of weights`);
    }
    if (weights.has(spec.name)) throw new TfliteError(`weight ${spec.name}`, 'occurs twice in the manifest');
    const view = new DataView(bytes.buffer, bytes.byteOffset + offset, count * size);
    weights.set(spec.name, { shape: spec.shape, data: decode(view, stored, count, spec) });
    offset += count * size;
  }
  if (offset !== bytes.byteLength) {
    throw new TfliteError('weights', `have ${bytes.byteLength} bytes, the manifest describes ${offset}`);
  }
  return weights;
}

function decode(view: DataView, stored: string, count: number, spec: WeightSpec): Float32Array {
  const data = new Float32Array(count);
  const scale = spec.quantization?.scale ?? 1;
  const min = spec.quantization?.min ?? 0;
  for (let i = 0; i < count; i++) {
    switch (stored) {
      case 'float32':
        data[i] = view.getFloat32(4 * i, true);
        break;
      case 'int32':
        data[i] = view.getInt32(4 * i, true);
        break;
      case 'float16':
        data[i] = float16Value(view.getUint16(2 * i, true));
        break;
      case 'uint16':
        data[i] = view.getUint16(2 * i, true) * scale + min;
        break;
      default:
        data[i] = view.getUint8(i) * scale + min;
    }
  }
  return data;
}
