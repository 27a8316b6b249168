export type { Layer, LayerCall, LayersInput, LayersModel, LayersOutput, LayerWeight } from './layers-model.ts';
export { parseLayersModel, readLayersModel, type LayersArtifacts } from './read.ts';
export type { WeightSpec } from './weights.ts';
export { SUPPORTED_ACTIVATIONS } from './activations.ts';
export { SUPPORTED_LAYERS } from './convert.ts';
export {
  convertLayersModel,
  convertWithReport,
  type Conversion,
  type Precision,
  type PrecisionOptions,
} from './convert-precision.ts';
export { toDenseChain } from './dense-chain.ts';
