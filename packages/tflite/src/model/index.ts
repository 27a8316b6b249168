export type {
  AdditiveOptions,
  CastOptions,
  ConcatenationOptions,
  Conv2dOptions,
  DepthwiseConv2dOptions,
  FullyConnectedOptions,
  FusedActivation,
  GatherOptions,
  LeakyReluOptions,
  MultiplicativeOptions,
  NoOptions,
  OperatorName,
  OperatorOptions,
  Padding,
  Pool2dOptions,
  ReducerOptions,
  ReshapeOptions,
  SoftmaxOptions,
  SplitOptions,
  SqueezeOptions,
  StridedSliceOptions,
} from './operator-options.ts';
export { elementCount } from './types.ts';
export type {
  MetadataEntry,
  Model,
  Operator,
  Quantization,
  Signature,
  SignatureEntry,
  Subgraph,
  Tensor,
} from './types.ts';
export { bytesPerElement, type EngineData, type TensorData, type TensorType } from './tensor-types.ts';
export { SUPPORTED_OPERATORS } from './operators.ts';
export { constantData, isConstant } from './constants.ts';
export { readModel, type ReadOptions } from './read-model.ts';
export { writeModel } from './write-model.ts';
export { validateModel } from './validate.ts';
export { inputEntries, outputEntries, pruneModel, pruneToOutputs, type PruneOptions } from './prune.ts';
export { withBatch } from './with-batch.ts';
