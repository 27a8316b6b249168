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
export { activate, calibrateChain, type ChainCalibration, type LayerRanges } from './chain-calibration.ts';
export {
  appendDenseChain,
  appendQuantizedChain,
  chainSaturation,
  quantizeChain,
  type QuantizedChain,
  type QuantizedDense,
  type SaturationReport,
} from './chain.ts';
export { ChainRounder } from './chain-rounding.ts';
export { roundWeights } from './round-weights.ts';
export { calibrateModel, type TensorRanges } from './calibrate.ts';
export { toDynamicRange, type DynamicOptions } from './dynamic.ts';
export { float16Bits, toFloat16 } from './float16.ts';
export { toInt8, type Int8Options, type Int8Report, type Int8Result } from './int8.ts';
export { layerCosts, tensorErrors, type LayerCost, type TensorError } from './report.ts';
