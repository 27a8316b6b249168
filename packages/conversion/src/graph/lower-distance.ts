import type { DistanceDocument, ResidualPenalty } from '@edgeguard/contracts';
import type { GraphBuilder, TensorHandle } from '@edgeguard/tflite/builder';
import { dense } from './dense.ts';
import type { ScorePart } from './lower-score.ts';
import { lowerPenalty } from './lower-penalty.ts';
import { Matrix } from './matrix.ts';

/** Distances that differ by more than one over this are not equal. Below the last bit of any distance that matters. */
const STEEP = 1e12;

/**
 * Writes a distance to normal: for every centre the scaled differences of the inputs and their penalties [batch, K, D], summed to
 * distances [batch, K], and the least of them. Differences are taken before they are scaled and squared, since
 * |x|^2 - 2 x c + |c|^2 would lose the digits of rows near a centre.
 *
 * For the shares the nearest centre and its deviations are picked by a row that is 1 there and 0 elsewhere, and the penalties of
 * its inputs computed again: dense layers over [batch, K] and [batch, D] cost far less than sums over [batch, K, D].
 *
 * @param inputs    model inputs [batch, D]
 * @param featureOf for each of the D inputs the feature that it comes from
 */
export function lowerDistance(
  g: GraphBuilder,
  inputs: TensorHandle,
  penalty: ResidualPenalty,
  distance: DistanceDocument,
  featureOf: readonly number[],
  featureCount: number,
): ScorePart {
  const inputCount = featureOf.length;
  const centreCount = distance.centres.length / inputCount;
  const { bound, penaltyOf } = lowerPenalty(penalty);
  const part = (distance.weight * (bound * bound)) / inputCount;

  const shape = [1, centreCount, inputCount];
  const inverses = distance.deviations.map((deviation) => 1 / (deviation * bound));
  const centres = g.constant('distance/centres', shape, Float32Array.from(distance.centres));
  const scales = g.constant('distance/scales', shape, Float32Array.from(inverses));
  const difference = g.sub(g.reshape(inputs, [-1, 1, inputCount]), centres, 'none', 'distance/difference');
  const penalties = penaltyOf(g, g.mul(difference, scales), 'distance/');

  const sum = new Matrix(1, inputCount);
  sum.values.fill(part);
  const sums = dense(g, g.reshape(penalties, [-1, inputCount]), sum, undefined, 'distance/sum');
  const widths = widthsOf(distance, featureOf, featureCount);
  const distances = g.add(
    g.reshape(sums, [-1, centreCount]),
    g.row('distance/widths', widths.total),
    'none',
    'distances',
  );
  const least = g.reduceMin(distances, [1], true, 'distance');

  const nearest = nearestOf(g, distances, least, centreCount);
  const centre = dense(g, nearest, transposed(distance.centres, centreCount), undefined, 'distance/nearest_centre');
  const scale = dense(g, nearest, transposed(inverses, centreCount), undefined, 'distance/nearest_scale');
  const ofNearest = penaltyOf(g, g.mul(g.sub(inputs, centre), scale), 'distance/nearest_');
  const shares = new Matrix(featureCount, inputCount);
  for (const [input, feature] of featureOf.entries()) shares.set(feature, input, part);
  return {
    score: least,
    featureErrors: g.add(
      dense(g, ofNearest, shares, undefined, 'feature_error/distance'),
      dense(g, nearest, widths.byFeature, undefined, 'feature_error/widths'),
    ),
  };
}

/** [batch, K]: 1 for the nearest centre, of equally near ones the first, and 0 for the others. */
function nearestOf(g: GraphBuilder, distances: TensorHandle, least: TensorHandle, centreCount: number): TensorHandle {
  const farther = g.mul(g.sub(least, distances), g.scalar(STEEP));
  const marked = g.relu(g.add(farther, g.scalar(1)));
  const before = new Matrix(centreCount, centreCount);
  for (let centre = 0; centre < centreCount; centre++) {
    for (let earlier = 0; earlier < centre; earlier++) before.set(centre, earlier, 1);
  }
  return g.sub(marked, dense(g, marked, before, undefined, 'distance/before'), 'relu', 'distance/nearest');
}

/** Values [K, D] as the weights [D, K] that pick a row. */
function transposed(values: readonly number[], centreCount: number): Matrix {
  const inputCount = values.length / centreCount;
  const weights = new Matrix(inputCount, centreCount);
  for (const [at, value] of values.entries()) weights.set(at % inputCount, Math.floor(at / inputCount), value);
  return weights;
}

/** What the deviations of each centre add to the score, [K], and to each feature, [F, K]. */
function widthsOf(
  { weight, deviationFloor, deviations }: DistanceDocument,
  featureOf: readonly number[],
  featureCount: number,
): { total: Float32Array; byFeature: Matrix } {
  const inputCount = featureOf.length;
  const centreCount = deviations.length / inputCount;
  const totals = new Float64Array(centreCount);
  const features = new Float64Array(featureCount * centreCount);
  for (const [at, deviation] of deviations.entries()) {
    const centre = Math.floor(at / inputCount);
    const width = (weight * 2 * Math.log(deviation / deviationFloor)) / inputCount;
    totals[centre]! += width;
    features[featureOf[at % inputCount]! * centreCount + centre]! += width;
  }
  const byFeature = new Matrix(featureCount, centreCount);
  byFeature.values.set(features);
  return { total: Float32Array.from(totals), byFeature };
}
