import { z } from 'zod';
import { DistanceConfigSchema } from '../documents/distance-document.ts';
import { PENALTY_KINDS } from '../documents/residual-penalty.ts';

const distance = DistanceConfigSchema.optional();
const [squared, huber, logarithmic] = PENALTY_KINDS;

/** `train.scorer`: the penalty of whitened residuals and, where it is named, the distance to normal beside them. */
export const ScorerConfigSchema = z.discriminatedUnion('kind', [
  squared.extend({ distance }),
  huber.extend({ distance }),
  logarithmic.extend({ distance }),
]);
export type ScorerConfig = z.output<typeof ScorerConfigSchema>;
