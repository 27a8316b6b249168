export { affineOfRange, RangeCollector, type ChosenRange, type Range, type RangeMethod } from './range.ts';
export {
  quantizeBias,
  quantizeValues,
  quantizeWeights,
  type DenseActivation,
  type DenseLayer,
  type QuantizedBias,
  type QuantizedWeights,
} from './dense.ts';
export {
  activate,
  appendDenseChain,
  appendQuantizedChain,
  calibrateChain,
  chainSaturation,
  quantizeChain,
  type AppendOptions,
  type ChainCalibration,
  type LayerRanges,
  type QuantizedChain,
  type QuantizedDense,
  type SaturationReport,
} from './chain.ts';
