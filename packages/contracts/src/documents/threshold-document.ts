import { z } from 'zod';

/** A threshold with the evidence behind it. A row is anomalous when score > value. */
export const ThresholdSchema = z.strictObject({
  /** `conformal`: the rank-th largest calibration score; valid for exchangeable rows. */
  rule: z.literal('conformal'),
  value: z.number(),
  /** The false alarm rate that is promised, as a share of normal rows. */
  falseAlarmRate: z.number().positive().max(1),
  /** Confidence that the true rate is at most `falseAlarmRate`, for independent rows. */
  confidence: z.number().positive().max(1),
  /** Calibration rows. */
  rows: z.int().positive(),
  /** The threshold is the rank-th largest score. */
  rank: z.int().positive(),
  /** Mean of the false alarm rate over calibration sets: rank / (rows + 1). */
  expectedRate: z.number().nonnegative(),
});
export type ThresholdDocument = z.output<typeof ThresholdSchema>;

/**
 * Upper tail of the calibration scores, for p-values: `scores` descend, `atLeast[i]` of `rows` calibration scores are
 * >= scores[i]. p(s) = (1 + atLeast of the smallest listed score <= s … rounded up) / (rows + 1).
 */
export const PValueTableSchema = z.strictObject({
  rows: z.int().positive(),
  scores: z.array(z.number()),
  atLeast: z.array(z.int().positive()),
});
export type PValueTableDocument = z.output<typeof PValueTableSchema>;
