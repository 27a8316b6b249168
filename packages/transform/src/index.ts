export { constantFeatures, describeTransform } from './describe-transform.ts';
export { countNonFinite, keepFiniteRows, markFiniteRows } from './finite-rows.ts';
export { fitTransform, type TransformFit } from './fit/fit-transform.ts';
export { type InverseConstants, inverseConstants, InverseEvaluator, invertToRaw } from './inverse-transform.ts';
export { type Grouping, groupMeans, groupSizes, kMeans, nearestCentres, type Points } from './numeric/k-means.ts';
export { type SymmetricEigen, symmetricEigen } from './numeric/symmetric-eigen.ts';
export { type EncodingDocument, RowEncoder } from './row-encoder.ts';
export { SeededRandom } from './seeded-random.ts';
export { TransformEvaluator } from './transform-evaluator.ts';
