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
 * The shares are those of the nearest centre, picked by a row that is 1 there and 0 elsewhere; of centres that are equally near
 * to the last bit, their mean.
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
  const centres = g.constant('distance/centres', shape, Float32Array.from(distance.centres));
  const inverse = g.constant(
    'distance/inverse_deviations',
    shape,
    Float32Array.from(distance.deviations, (deviation) => 1 / (deviation * bound)),
  );
  const difference = g.sub(g.reshape(inputs, [-1, 1, inputCount]), centres, 'none', 'distance/difference');
  const penalties = penaltyOf(g, g.mul(difference, inverse), 'distance/');

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

  const nearest = nearestOf(g, distances, least);
  const ofNearest = g.sum(
    g.mul(penalties, g.reshape(nearest, [-1, centreCount, 1])),
    [1],
    false,
    'distance/of_nearest',
  );
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

/** [batch, K]: 1 for the nearest centre, 0 for the others. */
function nearestOf(g: GraphBuilder, distances: TensorHandle, least: TensorHandle): TensorHandle {
  const farther = g.mul(g.sub(least, distances), g.scalar(STEEP));
  const marked = g.relu(g.add(farther, g.scalar(1)));
  return g.div(marked, g.sum(marked, [1], true), 'none', 'distance/nearest');
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
