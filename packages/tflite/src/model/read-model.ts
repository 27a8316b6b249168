import { TfliteError } from '../error.ts';
import { FlatReader, type FlatTable } from './flat-reader.ts';
import type { OperatorName } from './operator-options.ts';
import { ACTIVATIONS, OPERATORS, PADDINGS, operatorFromCode, type OptionField } from './operators.ts';
import {
  BUFFER,
  DEPRECATED_CODE_LIMIT,
  FILE_IDENTIFIER,
  METADATA,
  MODEL,
  OPERATOR,
  OPERATOR_CODE,
  QUANTIZATION,
  SCHEMA_VERSION,
  SIGNATURE_DEF,
  SUBGRAPH,
  TENSOR,
  TENSOR_MAP,
} from './schema.ts';
import { tensorTypeFromCode } from './tensor-types.ts';
import type {
  MetadataEntry,
  Model,
  Operator,
  Quantization,
  Signature,
  SignatureEntry,
  Subgraph,
  Tensor,
} from './types.ts';
import { validateModel } from './validate.ts';

export interface ReadOptions {
  /** Named in errors. Default `model`. */
  readonly place?: string;
}

/**
 * Reads and validates a `.tflite` file. The buffers of the returned model are views of `bytes`.
 *
 * Bounded: time and memory are proportional to the file, whatever its offsets say. Throws `TfliteError` that names the
 * table, tensor or operator for anything damaged, and for operators that this package does not support.
 */
export function readModel(bytes: Uint8Array, options: ReadOptions = {}): Model {
  const place = options.place ?? 'model';
  // A Buffer would give buffers that are Buffers: one kind of array keeps models comparable.
  const reader = new FlatReader(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), place);
  const root = reader.root(FILE_IDENTIFIER);
  const version = root.uint32(MODEL.version, 0);
  if (version !== SCHEMA_VERSION) reader.fail(`has schema version ${version}; only version ${SCHEMA_VERSION} exists`);
  const codes = root.tables(MODEL.operatorCodes, 'operator code').map(readOperatorCode);
  const model: Model = {
    description: root.string(MODEL.description),
    subgraphs: root.tables(MODEL.subgraphs, 'subgraph').map((table) => readSubgraph(table, codes)),
    buffers: root.tables(MODEL.buffers, 'buffer').map(readBuffer),
    signatures: root.tables(MODEL.signatureDefs, 'signature').map(readSignature),
    metadata: root.tables(MODEL.metadata, 'metadata').map(readMetadata),
  };
  validateModel(model, place);
  return model;
}

interface OperatorCode {
  readonly code: number;
  readonly custom: string;
  readonly version: number;
}

function readOperatorCode(table: FlatTable): OperatorCode {
  const old = table.int8(OPERATOR_CODE.deprecatedBuiltinCode, 0);
  const current = table.int32(OPERATOR_CODE.builtinCode, 0);
  // Files written before the field was widened have only the old one.
  const code = old < DEPRECATED_CODE_LIMIT && current === 0 ? old : Math.max(old, current);
  return { code, custom: table.string(OPERATOR_CODE.customCode), version: table.int32(OPERATOR_CODE.version, 1) };
}

function readSubgraph(table: FlatTable, codes: readonly OperatorCode[]): Subgraph {
  return {
    name: table.string(SUBGRAPH.name),
    tensors: table.tables(SUBGRAPH.tensors, `${table.what}, tensor`).map(readTensor),
    inputs: table.int32Vector(SUBGRAPH.inputs) ?? [],
    outputs: table.int32Vector(SUBGRAPH.outputs) ?? [],
    operators: table.tables(SUBGRAPH.operators, `${table.what}, operator`).map((each) => readOperator(each, codes)),
  };
}

function readTensor(table: FlatTable): Tensor {
  const name = table.string(TENSOR.name);
  const code = table.uint8(TENSOR.type, 0);
  const type = tensorTypeFromCode(code);
  if (type === undefined) table.reader.fail(`${table.what} (${name}) has the unknown type code ${code}`);
  if (table.has(TENSOR.sparsity)) table.reader.fail(`${table.what} (${name}) is sparse, which is not supported`);
  const quantization = table.table(TENSOR.quantization, `quantisation of ${table.what}`);
  const signature = table.int32Vector(TENSOR.shapeSignature);
  return {
    name,
    shape: table.int32Vector(TENSOR.shape) ?? [],
    ...(signature === undefined || signature.length === 0 ? {} : { shapeSignature: signature }),
    type,
    buffer: table.uint32(TENSOR.buffer, 0),
    ...optionalQuantization(quantization),
    isVariable: table.bool(TENSOR.isVariable, false),
  };
}

function optionalQuantization(table: FlatTable | undefined): { quantization?: Quantization } {
  if (table === undefined) return {};
  if (table.uint8(QUANTIZATION.detailsType, 0) !== 0) {
    table.reader.fail(`${table.what} uses custom quantisation, which is not supported`);
  }
  const scale = table.float32Vector(QUANTIZATION.scale) ?? [];
  const zeroPoint = (table.int64Vector(QUANTIZATION.zeroPoint) ?? []).map(Number);
  const min = table.float32Vector(QUANTIZATION.min);
  const max = table.float32Vector(QUANTIZATION.max);
  if (scale.length === 0 && min === undefined && max === undefined) return {};
  return {
    quantization: {
      scale,
      zeroPoint,
      quantizedDimension: table.int32(QUANTIZATION.quantizedDimension, 0),
      ...(min === undefined ? {} : { min }),
      ...(max === undefined ? {} : { max }),
    },
  };
}

function readOperator(table: FlatTable, codes: readonly OperatorCode[]): Operator {
  const index = table.uint32(OPERATOR.opcodeIndex, 0);
  const code = codes[index];
  if (code === undefined) table.reader.fail(`${table.what} has operator code index ${index} of ${codes.length}`);
  const name = operatorFromCode(code.code);
  if (name === undefined) {
    const what = code.custom === '' ? `with builtin code ${code.code}` : `"${code.custom.slice(0, 60)}"`;
    throw new TfliteError(`${table.reader.place}, ${table.what}`, `operator ${what} is not supported`);
  }
  const operator: unknown = {
    op: name,
    version: code.version,
    inputs: table.int32Vector(OPERATOR.inputs) ?? [],
    outputs: table.int32Vector(OPERATOR.outputs) ?? [],
    options: readOptions(table, name),
  };
  // The options were read by the definition of `name`, which is what the discriminated union says.
  return operator as Operator;
}

function readOptions(table: FlatTable, name: OperatorName): Record<string, unknown> {
  const definition = OPERATORS[name];
  const type = table.uint8(OPERATOR.builtinOptionsType, 0);
  if (type !== 0 && type !== definition.optionsCode) {
    table.reader.fail(`${table.what} (${name}) has options of another operator (union code ${type})`);
  }
  const options = type === 0 ? undefined : table.table(OPERATOR.builtinOptions, `options of ${table.what} (${name})`);
  const values: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(definition.options))
    values[key] = readOption(options, field, `${table.what} (${name})`);
  return values;
}

function readOption(options: FlatTable | undefined, field: OptionField, place: string): unknown {
  switch (field.kind) {
    case 'int':
      return options?.int32(field.slot, field.default) ?? field.default;
    case 'float':
      return options?.float32(field.slot, field.default) ?? field.default;
    case 'byte':
      return options?.int8(field.slot, field.default) ?? field.default;
    case 'bool':
      return options?.bool(field.slot, field.default !== 0) ?? field.default !== 0;
    case 'ints':
      return options?.int32Vector(field.slot) ?? [];
    case 'activation': {
      const code = options?.int8(field.slot, field.default) ?? field.default;
      return ACTIVATIONS[code] ?? options?.reader.fail(`${place} has the unknown activation code ${code}`);
    }
    case 'padding': {
      const code = options?.int8(field.slot, field.default) ?? field.default;
      return PADDINGS[code] ?? options?.reader.fail(`${place} has the unknown padding code ${code}`);
    }
  }
}

function readBuffer(table: FlatTable): Uint8Array {
  // Since 2.14 a buffer of a huge file may lie behind the flatbuffer, by offset and size. 1 is the writer's placeholder.
  if (table.uint64(BUFFER.offset, 0n) > 1n || table.uint64(BUFFER.size, 0n) > 1n) {
    table.reader.fail(`${table.what} lies outside of the flatbuffer, which is not supported`);
  }
  return table.byteVector(BUFFER.data) ?? new Uint8Array(0);
}

function readSignature(table: FlatTable): Signature {
  return {
    key: table.string(SIGNATURE_DEF.key),
    subgraph: table.uint32(SIGNATURE_DEF.subgraphIndex, 0),
    inputs: table.tables(SIGNATURE_DEF.inputs, `${table.what}, input`).map(readSignatureEntry),
    outputs: table.tables(SIGNATURE_DEF.outputs, `${table.what}, output`).map(readSignatureEntry),
  };
}

function readSignatureEntry(table: FlatTable): SignatureEntry {
  return { name: table.string(TENSOR_MAP.name), tensor: table.uint32(TENSOR_MAP.tensorIndex, 0) };
}

function readMetadata(table: FlatTable): MetadataEntry {
  return { name: table.string(METADATA.name), buffer: table.uint32(METADATA.buffer, 0) };
}
