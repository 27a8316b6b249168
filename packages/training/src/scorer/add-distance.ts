import type { DistanceConfig, ScorerDocument } from '@edgeguard/contracts';
import { DistanceScorer, ResidualScorer } from '@edgeguard/detection';
import type { TrainedAutoencoder } from '../loop/train-autoencoder.ts';
import { deriveSeed, STREAM } from '../loop/seeds.ts';
import { rowErrors } from '../loop/trim.ts';
import type { Pause, WindowedRows } from '../loop/windowed-rows.ts';
import { fitCentres } from './fit-centres.ts';

/** Rows of train that centres are fitted on, and of validation that both parts are brought to one scale on. */
const MOST_ROWS = 16_384;

/** Share of the validation rows below the score that brings both parts to one scale: near where thresholds lie. */
const SCALE_QUANTILE = 0.99;

/** What {@link addDistance} works on. */
export interface DistanceFit {
  /** Of residuals alone. */
  readonly scorer: ScorerDocument;
  readonly settings: DistanceConfig;
  readonly trained: Pick<TrainedAutoencoder, 'network' | 'train' | 'validation'>;
  /** Rows with larger reconstruction errors take no part; infinity without trimming. */
  readonly largestErrors: { readonly train: number; readonly validation: number };
  readonly seed: number;
  readonly pause: Pause;
}

/**
 * Gives a scorer a distance to normal. Centres come from train rows; the weights make a score of which the distance has the
 * share that `settings` name at the 99th percentile of each part on validation rows, in the units of the residual's score.
 */
export async function addDistance(fit: DistanceFit): Promise<ScorerDocument> {
  const { scorer, settings, trained, largestErrors, pause } = fit;
  const train = await spreadRows(trained, trained.train, largestErrors.train, pause);
  const points = { values: train.inputs, count: train.count, width: scorer.mean.length };
  const centres = fitCentres(points, settings, deriveSeed(fit.seed, STREAM.centres));

  const validation = await spreadRows(trained, trained.validation, largestErrors.validation, pause);
  const { inputs, residual, count } = validation;
  const featureOf = scorer.mean.map(() => 0);
  const ofResidual = new Float64Array(count);
  const ofDistance = new Float64Array(count);
  const shares = new Float64Array(count);
  new ResidualScorer(scorer, featureOf, 1).score(residual, new Float32Array(count), count, shares, ofResidual);
  new DistanceScorer(scorer.penalty, { ...centres, weight: 1 }, featureOf, 1).add(inputs, count, shares, ofDistance);
  const scale = quantile(ofResidual) / quantile(ofDistance);
  const residualWeight = Math.fround(1 - settings.share);
  // Where rows are so much alike that one part is always 0 no scale is better than another.
  const weight = Math.fround(settings.share * (Number.isFinite(scale) && scale > 0 ? scale : 1));
  return {
    ...scorer,
    // Beyond the clip the distance goes on as an input's penalty with deviation 1 would.
    evidenceWeight: Math.fround(scorer.evidenceWeight * (residualWeight + weight)),
    distance: { residualWeight, weight, ...centres },
  };
}

/** Model inputs and residuals, [count, D] each. */
interface SpreadRows {
  readonly inputs: Float32Array;
  readonly residual: Float32Array;
  readonly count: number;
}

/** At most {@link MOST_ROWS} rows from all over a split, without those whose error is larger than `largestError`. */
async function spreadRows(
  { network }: DistanceFit['trained'],
  rows: WindowedRows,
  largestError: number,
  pause: Pause,
): Promise<SpreadRows> {
  const { stride } = network;
  const { width, rows: total } = rows.store;
  const step = Math.ceil(total / MOST_ROWS);
  const inputs = new Float32Array(Math.ceil(total / step) * width);
  const residual = new Float32Array(inputs.length);
  let found = 0;
  await rows.forEachPart(pause, (first, count, number) => {
    const errors = largestError < Number.POSITIVE_INFINITY ? rowErrors(network, first, count) : undefined;
    const outputs = network.reconstruct(first, count);
    for (let row = (step - (number % step)) % step; row < count; row += step) {
      if (errors && errors[row]! > largestError) continue;
      const at = network.order[first + row]! * stride;
      for (let i = 0; i < width; i++) {
        inputs[found * width + i] = network.rows[at + i]!;
        residual[found * width + i] = network.rows[at + i]! - outputs[row * stride + i]!;
      }
      found++;
    }
  });
  return { inputs: inputs.subarray(0, found * width), residual: residual.subarray(0, found * width), count: found };
}

function quantile(scores: Float64Array): number {
  return scores.toSorted()[Math.floor(SCALE_QUANTILE * (scores.length - 1))]!;
}
