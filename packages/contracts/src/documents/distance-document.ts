import { z } from 'zod';

/** `distance` of `train.scorer`: how far a row is from the normal rows nearest to it, as a part of the score. */
export const DistanceConfigSchema = z.strictObject({
  /**
   * Share of the distance in the score, 1 for the distance alone. Residual and distance are first brought to one scale, by the
   * score that 1 % of the validation rows exceed.
   */
  share: z.number().min(0.01).max(1).default(0.2),
  /** Centres of train rows in the transformed space. */
  centres: z.int().min(1).max(128).default(32),
  /**
   * Smallest deviation of a model input around its centre. Below 0.05 the rounding of float32 shows, as does every value that
   * no row of that centre had.
   */
  deviationFloor: z.number().min(0.02).max(10).default(0.1),
});
export type DistanceConfig = z.output<typeof DistanceConfigSchema>;

/**
 * `distance` of `scorer.json`: K centres c with a deviation s for each of the D model inputs t, none below `deviationFloor`,
 * fitted on train rows; weights fitted on validation rows.
 *
 *     share[k][i] = (penalty((t[i] - c[k][i]) / s[k][i]) + 2 log(s[k][i] / deviationFloor)) / D
 *     distance = min over k of the sum over i of share[k][i]
 *
 * That is -2/D times the logarithm of a density of the family that belongs to the penalty, for squares Gauss's, around the
 * likeliest centre, less what it can be at most. Every share is at least 0.
 */
export const DistanceSchema = z.strictObject({
  /** What the penalties of the residual are multiplied by. */
  residualWeight: z.number().nonnegative(),
  /** What the distance is multiplied by. */
  weight: z.number().positive(),
  deviationFloor: z.number().positive(),
  /** K x D, row major, as are the deviations. */
  centres: z.array(z.number()),
  deviations: z.array(z.number().positive()),
});
export type DistanceDocument = z.output<typeof DistanceSchema>;
