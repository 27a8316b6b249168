import { z } from 'zod';

/** How much a whitened residual z adds to the score, before the division by the number of model inputs. */
export const PENALTY_KINDS = [
  /** z^2: the squared Mahalanobis distance of the residual. */
  z.strictObject({ kind: z.literal('whitened-residual') }),
  /**
   * z^2 up to `bound` and its tangent beyond, bound * (2 |z| - bound), twice Huber's loss (Huber 1964, "Robust Estimation
   * of a Location Parameter"): one odd value of a normal row does not outweigh many that are a little off.
   */
  z.strictObject({ kind: z.literal('huber-residual'), bound: z.number().positive().max(1000).default(1) }),
  /** log(1 + z^2 / epsilon), Cauchy's: the tail weighs even less. */
  z.strictObject({ kind: z.literal('log-penalty'), epsilon: z.number().min(1e-3).max(1e6).default(10) }),
] as const;

/** A penalty with its own settings: `penalty` of a scorer document, and the most of `train.scorer` of a config. */
export const ResidualPenaltySchema = z.discriminatedUnion('kind', PENALTY_KINDS);
export type ResidualPenalty = z.output<typeof ResidualPenaltySchema>;

/** The kinds by name. */
export const ScorerKindSchema = z.enum(['whitened-residual', 'huber-residual', 'log-penalty']);

/** The penalty of a whitened residual, never negative. */
export function penaltyOf(penalty: ResidualPenalty, residual: number): number {
  switch (penalty.kind) {
    case 'whitened-residual':
      return residual * residual;
    case 'huber-residual': {
      const size = Math.abs(residual);
      const inside = Math.min(size, penalty.bound);
      return inside * (2 * size - inside);
    }
    case 'log-penalty':
      return Math.log1p((residual * residual) / penalty.epsilon);
  }
}

/** The derivative of {@link penaltyOf}. */
export function penaltySlope(penalty: ResidualPenalty, residual: number): number {
  switch (penalty.kind) {
    case 'whitened-residual':
      return 2 * residual;
    case 'huber-residual':
      return 2 * Math.max(-penalty.bound, Math.min(penalty.bound, residual));
    case 'log-penalty':
      return (2 * residual) / (penalty.epsilon + residual * residual);
  }
}
