export { describeModel, type ModelSummary, type OperatorSummary, type TensorSummary } from './describe.ts';
export { compareEngines, runModel, type Comparison, type OutputDifference } from './compare.ts';
