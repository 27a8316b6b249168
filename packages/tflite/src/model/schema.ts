/**
 * Field slots of the TensorFlow Lite schema, version 3. A slot is the position of a field in its table, counted from 0;
 * the schema only ever appends, so slots never change.
 */

/** The four bytes at offset 4 of every file. */
export const FILE_IDENTIFIER = 'TFL3';
export const SCHEMA_VERSION = 3;

export const MODEL = {
  version: 0,
  operatorCodes: 1,
  subgraphs: 2,
  description: 3,
  buffers: 4,
  metadataBuffer: 5,
  metadata: 6,
  signatureDefs: 7,
  fieldCount: 8,
} as const;

export const OPERATOR_CODE = {
  deprecatedBuiltinCode: 0,
  customCode: 1,
  version: 2,
  builtinCode: 3,
  fieldCount: 4,
} as const;

/** Codes above this do not fit the old one-byte field, which then holds this value. */
export const DEPRECATED_CODE_LIMIT = 127;

export const SUBGRAPH = { tensors: 0, inputs: 1, outputs: 2, operators: 3, name: 4, fieldCount: 5 } as const;

export const TENSOR = {
  shape: 0,
  type: 1,
  buffer: 2,
  name: 3,
  quantization: 4,
  isVariable: 5,
  sparsity: 6,
  shapeSignature: 7,
  hasRank: 8,
  variantTensors: 9,
  fieldCount: 10,
} as const;

export const QUANTIZATION = {
  min: 0,
  max: 1,
  scale: 2,
  zeroPoint: 3,
  detailsType: 4,
  details: 5,
  quantizedDimension: 6,
  fieldCount: 7,
} as const;

export const OPERATOR = {
  opcodeIndex: 0,
  inputs: 1,
  outputs: 2,
  builtinOptionsType: 3,
  builtinOptions: 4,
  customOptions: 5,
  customOptionsFormat: 6,
  mutatingVariableInputs: 7,
  intermediates: 8,
  fieldCount: 9,
} as const;

export const BUFFER = { data: 0, offset: 1, size: 2, fieldCount: 3 } as const;
export const METADATA = { name: 0, buffer: 1, fieldCount: 2 } as const;
export const SIGNATURE_DEF = {
  inputs: 0,
  outputs: 1,
  key: 2,
  deprecatedTag: 3,
  subgraphIndex: 4,
  fieldCount: 5,
} as const;
export const TENSOR_MAP = { name: 0, tensorIndex: 1, fieldCount: 2 } as const;

/** Engines want constant data at multiples of this many bytes. */
export const BUFFER_ALIGNMENT = 16;
