import type { TransformDocument } from '@edgeguard/contracts';
import { constantFeatures } from '@edgeguard/transform';
import type { TrainedAutoencoder } from '../loop/train-autoencoder.ts';
import type { Pause } from '../loop/windowed-rows.ts';
import type { ResidualMoments } from '../scorer/residual-moments.ts';
import { deadUnits } from './dead-units.ts';
import { duplicateFeatures } from './duplicate-features.ts';

/** Fewer rows per model input than this cannot pin a covariance or a network down. */
const ROWS_PER_INPUT = 10;

/** A few units of a ReLU layer always end up unused; with this share of them the layer is narrower than it was meant. */
const DEAD_SHARE = 0.25;

/** What a reader of the manifest should know about a training run. */
export async function trainingNotes(
  trained: TrainedAutoencoder,
  transform: TransformDocument,
  trainRows: number,
  moments: ResidualMoments,
  pause: Pause,
): Promise<string[]> {
  const notes: string[] = [];
  const wanted = ROWS_PER_INPUT * moments.width;
  if (trainRows < wanted) {
    notes.push(`only ${trainRows} train rows for ${moments.width} model inputs: give it ${wanted} or more`);
  }
  if (moments.rows < wanted) {
    notes.push(
      `only ${moments.rows} validation rows for ${moments.width} model inputs: the scorer is rough, give it ${wanted} or more`,
    );
  }
  const constant = constantFeatures(transform);
  if (constant.length > 0) notes.push(`constant in train rows, so any other value is evidence: ${constant.join(', ')}`);
  for (const group of await duplicateFeatures(trained.train, transform)) {
    notes.push(`these features say the same in train rows, so leave all but one out: ${group.join(', ')}`);
  }
  for (const { layer, dead, units } of await deadUnits(trained, pause)) {
    if (dead < units * DEAD_SHARE) continue;
    notes.push(
      `hidden layer ${layer}: ${dead} of ${units} units give the same value for every validation row: ` +
        'lower train.learningRate, or set train.network.activation to elu',
    );
  }
  return notes;
}
