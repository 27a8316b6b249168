import { type TailDocument, UserError } from '@edgeguard/contracts';
import { fitTail, type TailModel } from '../threshold/tail-model.ts';

/** Shares of rows in the tail that are tried, and rows in it at most: a higher level serves extrapolation better where rows are many. */
const SHARES = [0.05, 0.03, 0.02, 0.01];
const MAX_EXCEEDANCES = 2000;

/**
 * The tail of calibration scores above the lowest level at which the form fits (ordered tests of goodness of fit: Bader, Yan
 * and Zhang 2018), or why none is given.
 *
 * @param positions seconds of traffic time of each row, ascending; absent where there is no time
 */
export function describeTail(scores: Float32Array, positions?: Float64Array): TailDocument {
  let reason = '';
  for (const each of SHARES) {
    const share = Math.min(each, MAX_EXCEEDANCES / scores.length);
    try {
      const model = fitTail(scores, { share, ...(positions ? { positions } : {}) });
      return { ...model, fits: true, excesses: [...model.excesses] };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      reason ||= error.message;
    }
  }
  return { fits: false, reason };
}

const MODELS = new WeakMap<TailDocument, TailModel>();

/** The tail that a detector carries; undefined where it has none. Made once for each document. */
export function tailModel(tail: TailDocument | undefined): TailModel | undefined {
  if (!tail?.fits) return undefined;
  const known = MODELS.get(tail);
  if (known) return known;
  const { fits: _, excesses, ...rest } = tail;
  const model = { ...rest, excesses: Float64Array.from(excesses) };
  MODELS.set(tail, model);
  return model;
}
