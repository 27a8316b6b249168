import { z } from 'zod';
import { DistanceSchema } from './distance-document.ts';
import { ResidualPenaltySchema } from './residual-penalty.ts';
import { SplitUsesSchema } from './split-uses.ts';

/**
 * `scorer.json`: from the residual r = t - autoencoder(t) [D] and the excess [F] of the transform to the score.
 *
 *     z = W (r - mean)
 *     feature_error[f] = sum over inputs j of f of penalty(z[j]) / D  +  evidenceWeight * excess[f]
 *     score = sum over f of feature_error[f]
 *
 * W is the symmetric (ZCA-cor) whitening matrix of the validation residuals' covariance, shrunk by `shrinkage` of its
 * mean variance, so that the shares belong to features (Kessy, Lewin, Strimmer 2018, "Optimal Whitening and
 * Decorrelation"). `penalty` names the function, see {@link ResidualPenaltySchema}. The excess continues the penalty beyond the
 * clip in a straight line.
 *
 * With a `distance` the penalties are multiplied by its `residualWeight`, and `weight` times its share[k][i] of the nearest
 * centre k is added to the feature that input i comes from: see {@link DistanceSchema}.
 */
export const ScorerSchema = z.strictObject({
  format: z.literal('edgeguard.scorer'),
  version: z.literal(1),
  penalty: ResidualPenaltySchema,
  shrinkage: z.number().nonnegative(),
  mean: z.array(z.number()),
  /** D x D, row major. */
  whitening: z.array(z.number()),
  evidenceWeight: z.number().nonnegative(),
  /** Without it the score is of residuals alone. */
  distance: DistanceSchema.optional(),
  /** Validation rows that it was fitted on. */
  rows: z.int().positive(),
  splits: SplitUsesSchema,
});
export type ScorerDocument = z.output<typeof ScorerSchema>;
