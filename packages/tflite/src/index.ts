export { TfliteError } from './error.ts';
export {
  constantData,
  elementCount,
  pruneModel,
  readModel,
  SUPPORTED_OPERATORS,
  validateModel,
  withBatch,
  writeModel,
  type EngineData,
  type Model,
  type Operator,
  type OperatorName,
  type Quantization,
  type Tensor,
} from './model/index.ts';
export {
  loadEngine,
  loadModelEngine,
  type Engine,
  type EngineName,
  type LoadOptions,
  type TensorInfo,
} from './engines/index.ts';
export { GraphBuilder, type Affine, type TensorHandle } from './builder/index.ts';
export {
  appendAssociatedFiles,
  modelDigest,
  readAssociatedFiles,
  sealFile,
  verifySeal,
  withMetadata,
  type AssociatedFile,
} from './metadata/index.ts';
export { convertLayersModel, readLayersModel, SUPPORTED_LAYERS, type LayersModel } from './layers/index.ts';
