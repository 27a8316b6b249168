import { z } from 'zod';
import { UserError } from '../user-error.ts';
import { Sha256Schema } from './digest.ts';

/** What a split is for. Each split is used for one purpose only. */
export const SPLIT_PURPOSES = ['train', 'validation', 'calibration', 'test'] as const;
export type SplitPurpose = (typeof SPLIT_PURPOSES)[number];

/** SHA-256 of each split that an artifact has used so far. Travels with the artifact from stage to stage. */
export const SplitUsesSchema = z.partialRecord(z.enum(SPLIT_PURPOSES), Sha256Schema);
export type SplitUses = z.output<typeof SplitUsesSchema>;

/**
 * Notes that a split is used for a purpose.
 *
 * @throws UserError when the same rows were used for another purpose before: a threshold set on rows that the model
 *         was trained on promises nothing.
 */
export function useSplit(uses: SplitUses, purpose: SplitPurpose, path: string, digest: string): SplitUses {
  for (const earlier of SPLIT_PURPOSES) {
    if (earlier !== purpose && uses[earlier] === digest) {
      throw new UserError(
        path,
        `these very rows were used as the ${earlier} split already`,
        `give the ${purpose} split rows of its own`,
      );
    }
  }
  if (uses[purpose] !== undefined && uses[purpose] !== digest) {
    throw new UserError(
      path,
      `this is not the ${purpose} split that the model has used`,
      'run the stages again from preprocess',
    );
  }
  return { ...uses, [purpose]: digest };
}
