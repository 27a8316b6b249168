/** Element types of a tensor, by the names that TensorFlow uses. */
export type TensorType =
  | 'float32'
  | 'float16'
  | 'int32'
  | 'uint8'
  | 'int64'
  | 'string'
  | 'bool'
  | 'int16'
  | 'complex64'
  | 'int8'
  | 'float64'
  | 'complex128'
  | 'uint64'
  | 'resource'
  | 'variant'
  | 'uint32'
  | 'uint16'
  | 'int4';

/** Codes of the schema's `TensorType`: the index is the code. */
const TYPES_BY_CODE: readonly TensorType[] = [
  'float32',
  'float16',
  'int32',
  'uint8',
  'int64',
  'string',
  'bool',
  'int16',
  'complex64',
  'int8',
  'float64',
  'complex128',
  'uint64',
  'resource',
  'variant',
  'uint32',
  'uint16',
  'int4',
];

/** Bytes of one element; 0 where elements have no fixed whole number of bytes. */
const BYTES: Readonly<Record<TensorType, number>> = {
  float32: 4,
  float16: 2,
  int32: 4,
  uint8: 1,
  int64: 8,
  string: 0,
  bool: 1,
  int16: 2,
  complex64: 8,
  int8: 1,
  float64: 8,
  complex128: 16,
  uint64: 8,
  resource: 0,
  variant: 0,
  uint32: 4,
  uint16: 2,
  int4: 0,
};

/** The type with this schema code, or undefined. */
export function tensorTypeFromCode(code: number): TensorType | undefined {
  return TYPES_BY_CODE[code];
}

/** The schema code of a type. */
export function tensorTypeCode(type: TensorType): number {
  return TYPES_BY_CODE.indexOf(type);
}

/** Bytes of one element of `type`; 0 for types without a fixed size (strings, resources, packed int4). */
export function bytesPerElement(type: TensorType): number {
  return BYTES[type];
}

/** A typed array that holds the elements of a tensor. float16 stays as its bits. */
export type TensorData =
  | Float32Array
  | Float64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** Elements that an engine can take from or give to its caller. */
export type EngineData = Float32Array | Int32Array | Int16Array | Int8Array | Uint8Array;

/**
 * A zeroed typed array for `length` elements of `type`, over `buffer` at `byteOffset` where given.
 * Returns undefined for types that have no typed array.
 */
export function tensorArray(
  type: TensorType,
  buffer: ArrayBuffer,
  byteOffset: number,
  length: number,
): TensorData | undefined {
  switch (type) {
    case 'float32':
      return new Float32Array(buffer, byteOffset, length);
    case 'float64':
      return new Float64Array(buffer, byteOffset, length);
    case 'int32':
      return new Int32Array(buffer, byteOffset, length);
    case 'int16':
      return new Int16Array(buffer, byteOffset, length);
    case 'int8':
      return new Int8Array(buffer, byteOffset, length);
    case 'uint8':
    case 'bool':
      return new Uint8Array(buffer, byteOffset, length);
    case 'float16':
    case 'uint16':
      return new Uint16Array(buffer, byteOffset, length);
    case 'uint32':
      return new Uint32Array(buffer, byteOffset, length);
    case 'int64':
      return new BigInt64Array(buffer, byteOffset, length);
    case 'uint64':
      return new BigUint64Array(buffer, byteOffset, length);
    default:
      return undefined;
  }
}
