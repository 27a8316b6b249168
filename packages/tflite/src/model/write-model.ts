import { Builder, type Offset } from 'flatbuffers';
import { TfliteError } from '../error.ts';
import { ACTIVATIONS, OPERATORS, PADDINGS, type OptionField } from './operators.ts';
import {
  BUFFER,
  BUFFER_ALIGNMENT,
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
import { tensorTypeCode } from './tensor-types.ts';
import type { Model, Operator, Quantization, Signature, SignatureEntry, Subgraph, Tensor } from './types.ts';
import { validateModel } from './validate.ts';

/**
 * Writes a model as the bytes of a `.tflite` file. Validates it first and throws `TfliteError` where it is wrong.
 *
 * The same model always gives the same bytes. Constant data is aligned to 16 bytes. The operator codes are listed in
 * the order of their first use.
 */
export function writeModel(model: Model): Uint8Array {
  validateModel(model, 'model');
  const builder = new Builder(1024 + model.buffers.reduce((sum, buffer) => sum + buffer.byteLength + 48, 0));
  const codes = operatorCodes(model);
  const buffers = tableVector(builder, model.buffers, writeBuffer);
  const subgraphs = tableVector(builder, model.subgraphs, (_, subgraph) => writeSubgraph(builder, subgraph, codes));
  const operators = tableVector(builder, [...codes.values()], writeOperatorCode);
  const signatures = tableVector(builder, model.signatures, writeSignature);
  const metadata = tableVector(builder, model.metadata, writeMetadata);
  const description = builder.createString(model.description);
  builder.startObject(MODEL.fieldCount);
  builder.addFieldInt32(MODEL.version, SCHEMA_VERSION, 0);
  builder.addFieldOffset(MODEL.operatorCodes, operators, 0);
  builder.addFieldOffset(MODEL.subgraphs, subgraphs, 0);
  builder.addFieldOffset(MODEL.description, description, 0);
  builder.addFieldOffset(MODEL.buffers, buffers, 0);
  if (model.metadata.length > 0) builder.addFieldOffset(MODEL.metadata, metadata, 0);
  if (model.signatures.length > 0) builder.addFieldOffset(MODEL.signatureDefs, signatures, 0);
  builder.finish(builder.endObject(), FILE_IDENTIFIER);
  return builder.asUint8Array().slice();
}

interface CodeEntry {
  readonly index: number;
  readonly code: number;
  readonly version: number;
}

function codeKey(operator: Operator): string {
  return `${operator.op}@${operator.version}`;
}

function operatorCodes(model: Model): Map<string, CodeEntry> {
  const codes = new Map<string, CodeEntry>();
  for (const subgraph of model.subgraphs) {
    for (const operator of subgraph.operators) {
      const key = codeKey(operator);
      if (codes.has(key)) continue;
      codes.set(key, { index: codes.size, code: OPERATORS[operator.op].code, version: operator.version });
    }
  }
  return codes;
}

function tableVector<T>(builder: Builder, items: readonly T[], write: (builder: Builder, item: T) => Offset): Offset {
  const offsets = items.map((item) => write(builder, item));
  builder.startVector(4, offsets.length, 4);
  for (const offset of offsets.toReversed()) builder.addOffset(offset);
  return builder.endVector();
}

function int32Vector(builder: Builder, values: readonly number[]): Offset {
  builder.startVector(4, values.length, 4);
  for (const value of values.toReversed()) builder.addInt32(value);
  return builder.endVector();
}

function float32Vector(builder: Builder, values: readonly number[]): Offset {
  builder.startVector(4, values.length, 4);
  for (const value of values.toReversed()) builder.addFloat32(value);
  return builder.endVector();
}

function int64Vector(builder: Builder, values: readonly number[]): Offset {
  builder.startVector(8, values.length, 8);
  for (const value of values.toReversed()) builder.addInt64(BigInt(value));
  return builder.endVector();
}

function writeBuffer(builder: Builder, bytes: Uint8Array): Offset {
  let data: Offset = 0;
  if (bytes.byteLength > 0) {
    // Pad so that the first byte of the vector, which is written from its end, is aligned.
    builder.prep(BUFFER_ALIGNMENT, bytes.byteLength);
    data = builder.createByteVector(bytes);
  }
  builder.startObject(BUFFER.fieldCount);
  builder.addFieldOffset(BUFFER.data, data, 0);
  return builder.endObject();
}

function writeSubgraph(builder: Builder, subgraph: Subgraph, codes: ReadonlyMap<string, CodeEntry>): Offset {
  const tensors = tableVector(builder, subgraph.tensors, writeTensor);
  const operators = tableVector(builder, subgraph.operators, (_, operator) => {
    const entry = codes.get(codeKey(operator));
    if (entry === undefined) throw new TfliteError(operator.op, 'has no operator code');
    return writeOperator(builder, operator, entry.index);
  });
  const inputs = int32Vector(builder, subgraph.inputs);
  const outputs = int32Vector(builder, subgraph.outputs);
  const name = builder.createString(subgraph.name);
  builder.startObject(SUBGRAPH.fieldCount);
  builder.addFieldOffset(SUBGRAPH.tensors, tensors, 0);
  builder.addFieldOffset(SUBGRAPH.inputs, inputs, 0);
  builder.addFieldOffset(SUBGRAPH.outputs, outputs, 0);
  builder.addFieldOffset(SUBGRAPH.operators, operators, 0);
  builder.addFieldOffset(SUBGRAPH.name, name, 0);
  return builder.endObject();
}

function writeTensor(builder: Builder, tensor: Tensor): Offset {
  const name = builder.createString(tensor.name);
  const shape = int32Vector(builder, tensor.shape);
  const signature = tensor.shapeSignature === undefined ? 0 : int32Vector(builder, tensor.shapeSignature);
  const quantization = tensor.quantization === undefined ? 0 : writeQuantization(builder, tensor.quantization);
  builder.startObject(TENSOR.fieldCount);
  builder.addFieldOffset(TENSOR.shape, shape, 0);
  builder.addFieldInt8(TENSOR.type, tensorTypeCode(tensor.type), 0);
  builder.addFieldInt32(TENSOR.buffer, tensor.buffer, 0);
  builder.addFieldOffset(TENSOR.name, name, 0);
  builder.addFieldOffset(TENSOR.quantization, quantization, 0);
  builder.addFieldInt8(TENSOR.isVariable, tensor.isVariable ? 1 : 0, 0);
  builder.addFieldOffset(TENSOR.shapeSignature, signature, 0);
  // Without it, an empty shape could mean a scalar as well as an unknown rank.
  builder.addFieldInt8(TENSOR.hasRank, 1, 0);
  return builder.endObject();
}

function writeQuantization(builder: Builder, quantization: Quantization): Offset {
  const min = quantization.min === undefined ? 0 : float32Vector(builder, quantization.min);
  const max = quantization.max === undefined ? 0 : float32Vector(builder, quantization.max);
  const scale = float32Vector(builder, quantization.scale);
  const zeroPoint = int64Vector(builder, quantization.zeroPoint);
  builder.startObject(QUANTIZATION.fieldCount);
  builder.addFieldOffset(QUANTIZATION.min, min, 0);
  builder.addFieldOffset(QUANTIZATION.max, max, 0);
  builder.addFieldOffset(QUANTIZATION.scale, scale, 0);
  builder.addFieldOffset(QUANTIZATION.zeroPoint, zeroPoint, 0);
  builder.addFieldInt32(QUANTIZATION.quantizedDimension, quantization.quantizedDimension, 0);
  return builder.endObject();
}

function writeOperator(builder: Builder, operator: Operator, opcodeIndex: number): Offset {
  const definition = OPERATORS[operator.op];
  const options = definition.optionsCode === 0 ? 0 : writeOptions(builder, operator);
  const inputs = int32Vector(builder, operator.inputs);
  const outputs = int32Vector(builder, operator.outputs);
  builder.startObject(OPERATOR.fieldCount);
  builder.addFieldInt32(OPERATOR.opcodeIndex, opcodeIndex, 0);
  builder.addFieldOffset(OPERATOR.inputs, inputs, 0);
  builder.addFieldOffset(OPERATOR.outputs, outputs, 0);
  builder.addFieldInt8(OPERATOR.builtinOptionsType, definition.optionsCode, 0);
  builder.addFieldOffset(OPERATOR.builtinOptions, options, 0);
  return builder.endObject();
}

function writeOptions(builder: Builder, operator: Operator): Offset {
  const fields = Object.entries(OPERATORS[operator.op].options);
  const values = operator.options as unknown as Record<string, unknown>;
  const vectors = new Map<string, Offset>();
  for (const [key, field] of fields) {
    const value = values[key];
    if (field.kind === 'ints' && Array.isArray(value) && value.length > 0)
      vectors.set(key, int32Vector(builder, value));
  }
  builder.startObject(fields.length);
  for (const [key, field] of fields) {
    if (field.kind === 'ints') builder.addFieldOffset(field.slot, vectors.get(key) ?? 0, 0);
    else writeOption(builder, field, values[key]);
  }
  return builder.endObject();
}

function writeOption(builder: Builder, field: OptionField, value: unknown): void {
  switch (field.kind) {
    case 'int':
      builder.addFieldInt32(field.slot, value as number, field.default);
      break;
    case 'float':
      builder.addFieldFloat32(field.slot, value as number, field.default);
      break;
    case 'byte':
      builder.addFieldInt8(field.slot, value as number, field.default);
      break;
    case 'bool':
      builder.addFieldInt8(field.slot, value === true ? 1 : 0, field.default);
      break;
    case 'activation':
      builder.addFieldInt8(field.slot, (ACTIVATIONS as readonly unknown[]).indexOf(value), field.default);
      break;
    case 'padding':
      builder.addFieldInt8(field.slot, (PADDINGS as readonly unknown[]).indexOf(value), field.default);
      break;
    case 'ints':
      break;
  }
}

function writeOperatorCode(builder: Builder, entry: CodeEntry): Offset {
  builder.startObject(OPERATOR_CODE.fieldCount);
  builder.addFieldInt8(OPERATOR_CODE.deprecatedBuiltinCode, Math.min(entry.code, DEPRECATED_CODE_LIMIT), 0);
  builder.addFieldInt32(OPERATOR_CODE.version, entry.version, 1);
  builder.addFieldInt32(OPERATOR_CODE.builtinCode, entry.code, 0);
  return builder.endObject();
}

function writeSignature(builder: Builder, signature: Signature): Offset {
  const inputs = tableVector(builder, signature.inputs, writeSignatureEntry);
  const outputs = tableVector(builder, signature.outputs, writeSignatureEntry);
  const key = builder.createString(signature.key);
  builder.startObject(SIGNATURE_DEF.fieldCount);
  builder.addFieldOffset(SIGNATURE_DEF.inputs, inputs, 0);
  builder.addFieldOffset(SIGNATURE_DEF.outputs, outputs, 0);
  builder.addFieldOffset(SIGNATURE_DEF.key, key, 0);
  builder.addFieldInt32(SIGNATURE_DEF.subgraphIndex, signature.subgraph, 0);
  return builder.endObject();
}

function writeSignatureEntry(builder: Builder, entry: SignatureEntry): Offset {
  const name = builder.createString(entry.name);
  builder.startObject(TENSOR_MAP.fieldCount);
  builder.addFieldOffset(TENSOR_MAP.name, name, 0);
  builder.addFieldInt32(TENSOR_MAP.tensorIndex, entry.tensor, 0);
  return builder.endObject();
}

function writeMetadata(builder: Builder, entry: { name: string; buffer: number }): Offset {
  const name = builder.createString(entry.name);
  builder.startObject(METADATA.fieldCount);
  builder.addFieldOffset(METADATA.name, name, 0);
  builder.addFieldInt32(METADATA.buffer, entry.buffer, 0);
  return builder.endObject();
}
