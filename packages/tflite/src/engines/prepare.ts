import { padExplicitly } from '../model/pad-explicitly.ts';
import { withoutUnused } from '../model/prune.ts';
import type { Model } from '../model/types.ts';
import { clampIndices } from './clamp-indices.ts';
import { foldConstants } from './fold-constants.ts';
import { rewriteSlices } from './rewrite-slices.ts';

/**
 * A model in a form that computes the same and that the shipped versions of TensorFlow Lite and XNNPACK get right: no
 * operators on constants alone, none whose result nothing uses (XNNPACK crashes on both), no index beyond its table, and
 * none of the forms that its kernels compute wrongly.
 */
export function prepareForKernels(model: Model): Model {
  return padExplicitly(clampIndices(rewriteSlices(withoutUnused(foldConstants(model)))));
}
