import { padExplicitly } from '../model/pad-explicitly.ts';
import { withoutUnused } from '../model/prune.ts';
import type { Model } from '../model/types.ts';
import { foldConstants } from './fold-constants.ts';

/** A model in a form that computes the same and that the shipped versions of TensorFlow Lite and XNNPACK get right. */
export function prepareForKernels(model: Model): Model {
  // XNNPACK also crashes on operators whose result nothing uses.
  return padExplicitly(withoutUnused(foldConstants(model)));
}
