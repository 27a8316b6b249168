import { symmetricEigen } from '@edgeguard/transform';

/** Eigenvalues of a correlation matrix below this share of the largest are taken as this large. */
const CONDITION = 1e-7;

/**
 * The ZCA-cor whitening matrix W = P^(-1/2) V^(-1/2) [width, width] of a covariance, with V its variances and P its
 * correlations: of all whitenings the one whose results stay closest to the standardised inputs (Kessy, Lewin and
 * Strimmer 2018, "Optimal Whitening and Decorrelation").
 *
 * @param shrinkage is first added to every variance, times the mean variance
 */
export function zcaCorWhitening(covariance: Float64Array, width: number, shrinkage: number): Float64Array {
  let meanVariance = 0;
  for (let i = 0; i < width; i++) meanVariance += covariance[i * width + i]! / width;
  // Without any variance all residuals are alike; any scale will do, and 1 keeps numbers finite.
  const added = meanVariance > 0 ? shrinkage * meanVariance : 1;
  const least = meanVariance > 0 ? meanVariance * CONDITION : 1;
  const deviations = Float64Array.from({ length: width }, (_, i) =>
    Math.sqrt(Math.max(covariance[i * width + i]! + added, least)),
  );
  const correlation = new Float64Array(width * width);
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < width; j++) {
      correlation[i * width + j] = i === j ? 1 : covariance[i * width + j]! / (deviations[i]! * deviations[j]!);
    }
  }
  const { values, vectors } = symmetricEigen(correlation, width);
  const largest = values.reduce((a, b) => Math.max(a, b), 0);
  const roots = values.map((value) => 1 / Math.sqrt(Math.max(value, largest * CONDITION)));
  const whitening = new Float64Array(width * width);
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < width; j++) {
      let sum = 0;
      for (let k = 0; k < width; k++) sum += vectors[i * width + k]! * roots[k]! * vectors[j * width + k]!;
      whitening[i * width + j] = sum / deviations[j]!;
    }
  }
  return whitening;
}
