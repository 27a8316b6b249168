export { describeModel, type ModelSummary, type OperatorSummary, type TensorSummary } from './describe.ts';
export { compareEngines, runModel, type Comparison, type OutputDifference } from './compare.ts';
export { costPerRow, engineArrays, measureEngine, runFor, WARM_UP_SECONDS } from './measure.ts';
export {
  ENGINE_LIMITS,
  verifyConversion,
  type ConversionVerification,
  type SourceOracle,
  type VerifiedConversion,
  type VerifiedOutput,
} from './verify-conversion.ts';
