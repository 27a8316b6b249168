import type { Precision } from '@edgeguard/contracts';

/** Rows of the calibration split that are compared with the source model. */
export const COMPARED_ROWS = 10_000;

/** Rows per run of an engine. */
export const GATE_BATCH = 256;

/**
 * What the gate demands. The float32 graph rounds where the source does, so its limits are those of float32 arithmetic;
 * int8 is another function on purpose, and has to rank normal rows as the source does.
 */
export const LIMITS = {
  /** |score - source| as a share of the score, or of a tenth of the median score, or of what rounding alone can move. */
  scoreError: 1e-5,
  /**
   * A score may move by `scoreError` of this share of its leverage (see rounding.ts): as if every reconstructed value were
   * off by 1e-6 of itself, some sixteen roundings, all in the worst direction.
   */
  roundingShare: 0.1,
  /** |share - source's share| as a share of the score. */
  shareError: 2e-5,
  /** |expected - source's| as a share of the value, or of the feature's own scale. */
  expectedError: 1e-3,
  /** Largest difference of a float32 layer, as a share of the source's largest magnitude in it. */
  layerError: 1e-5,
  /** Spearman's correlation of int8 scores with the source's on normal rows. */
  rankCorrelation: 0.97,
  /** Largest mean error of an int8 reconstruction of one model input: no more than that input's typical residual. */
  int8Bias: 1,
  /** Root mean square error of all int8 reconstructions, in that of all residuals. */
  int8Noise: 0.5,
  /** Share of rows where an engine's int8 score is not the reference's. */
  int8ScoresThatDiffer: 0.01,
  /** Share of calibration rows on which an engine may decide otherwise than the reference, all near the threshold. */
  decisionsThatDiffer: 0.001,
  /** …but so many are always allowed. */
  decisionsAlwaysAllowed: 2,
} as const;

/** int8 scores nearer than this to each other, as a share, are the same. */
export const SAME_SCORE = 1e-4;

/**
 * How far from the threshold, as a share of it, a score may lie for a differing decision to count as rounding. float32:
 * twice the allowed score error. int8: an input that lies on the border between two steps is rounded by the last bit of
 * the logarithm before it, and one step changes a score by a few per cent.
 */
export const ROUNDING_BAND: Readonly<Record<Precision, number>> = { float32: 2e-5, int8: 0.1 };

/** Reconstructed one-hot values nearer than this to each other are equal but for rounding. */
export const CATEGORY_TIE = 1e-4;
