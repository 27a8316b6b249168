import type { ResidualPenalty } from '@edgeguard/contracts';
import type { GraphBuilder, TensorHandle } from '@edgeguard/tflite/builder';

/** A penalty as operators: deviations in units of `bound` to penalties in units of its square. */
export interface PenaltyLowering {
  readonly bound: number;
  readonly penaltyOf: (g: GraphBuilder, z: TensorHandle, prefix?: string) => TensorHandle;
}

/**
 * Huber's penalty in units of its bound is a product, c * (z + (z - c)) with c = min(max(z, -1), 1), since the difference
 * of two squares would lose digits far beyond the bound.
 */
export function lowerPenalty(penalty: ResidualPenalty): PenaltyLowering {
  switch (penalty.kind) {
    case 'whitened-residual':
      return { bound: 1, penaltyOf: (g, z, prefix = '') => g.mul(z, z, 'none', `${prefix}penalties`) };
    case 'huber-residual':
      return {
        bound: penalty.bound,
        penaltyOf: (g, z, prefix = '') => {
          const inside = g.reluN1To1(z, `${prefix}huber/inside`);
          return g.mul(inside, g.add(z, g.sub(z, inside)), 'none', `${prefix}penalties`);
        },
      };
    case 'log-penalty':
      return {
        bound: 1,
        penaltyOf: (g, z, prefix = '') => {
          const share = g.mul(g.mul(z, z), g.scalar(1 / penalty.epsilon));
          return g.log(g.add(share, g.scalar(1)), `${prefix}penalties`);
        },
      };
  }
}
