import { z } from 'zod';
import { PValueTableSchema } from './threshold-document.ts';

const CountSchema = z.int().nonnegative();

/** A generalised Pareto tail of calibration scores, or why there is none. What is read off beyond the data is extrapolation. */
export const TailSchema = z.discriminatedUnion('fits', [
  z.strictObject({
    fits: z.literal(true),
    /** Scores above it are the tail. */
    level: z.number(),
    shape: z.number(),
    scale: z.number().positive(),
    rows: z.int().positive(),
    /** Rows above the level, and clusters of them in time. */
    exceedances: z.int().positive(),
    clusters: z.int().positive(),
    /** The clusters' maxima over the level, ascending: intervals are computed from them. */
    excesses: z.array(z.number().positive()).min(1),
    andersonDarling: z.number(),
    /** The chance of a worse fit if the tail were of this form. */
    fitPValue: z.number().min(0).max(1),
  }),
  z.strictObject({ fits: z.literal(false), reason: z.string() }),
]);
export type TailDocument = z.output<typeof TailSchema>;

/**
 * What may be taken as independent of each other: calendar days (UTC), or days of one source where rows say who talks to
 * whom. `maxima` are the largest scores of the blocks, descending; of very many blocks only the highest.
 */
export const BlocksSchema = z.strictObject({
  unit: z.enum(['day', 'host-day']),
  count: z.int().positive(),
  maxima: z.array(z.number()).min(1),
});
export type BlocksDocument = z.output<typeof BlocksSchema>;

/** Episodes that calibration records would have given, by threshold: the monotone envelope of replays of the alert logic. */
export const EpisodeCurveSchema = z.strictObject({
  /** Days of traffic replayed, pauses of more than an hour left out. */
  days: z.number().positive(),
  /** Records above the lowest threshold. */
  records: CountSchema,
  /** Descending. */
  thresholds: z.array(z.number()).min(1),
  /** Episodes in all of the time at each threshold or any higher one. */
  episodes: z.array(CountSchema).min(1),
});
export type EpisodeCurveDocument = z.output<typeof EpisodeCurveSchema>;

/** Calibration scores of the rows of each category of a feature that are many enough to speak of. */
export const CategoryScoresSchema = z.strictObject({
  feature: z.string(),
  groups: z.array(z.strictObject({ code: z.int().positive(), category: z.string(), pValues: PValueTableSchema })),
  /** All other rows, unknown categories too; absent where there are none. */
  rest: PValueTableSchema.optional(),
});
export type CategoryScoresDocument = z.output<typeof CategoryScoresSchema>;

/** What blocks of rows look like that come from the traffic of train and calibration. */
export const DriftBaselineSchema = z.strictObject({
  /** Rows of a block. */
  blockRows: z.int().positive(),
  /** Calibration blocks. */
  blocks: z.int().positive(),
  features: z.array(
    z.strictObject({
      /** Upper ends of all bins but the last, ascending. */
      edges: z.array(z.number()),
      /** Train rows in each bin. */
      rows: z.array(CountSchema).min(1),
      /** Mean population stability index of calibration blocks against train. */
      mean: z.number().nonnegative(),
      /** Bins that hold rows in each calibration block, of those with at least a twentieth of the train rows. */
      always: z.array(CountSchema),
      /** Whether no calibration block had a single value. */
      varies: z.boolean(),
    }),
  ),
  /**
   * For each calibration block the largest index of a feature over the mean of that feature in the other blocks, ascending:
   * the family-wise null.
   */
  largest: z.array(z.number()).min(1),
  /** For each calibration block the largest distance of its distribution of scores from that of all, ascending. */
  scoreDistance: z.array(z.number()).min(1),
  /** The largest share of rows of one direction only in a calibration block; absent where no feature tells. */
  oneWay: z.number().min(0).max(1).optional(),
});
export type DriftBaselineDocument = z.output<typeof DriftBaselineSchema>;

/** What calibration rows say beyond the threshold that the detector was made with. */
export const CalibrationSchema = z.strictObject({
  /** Days of traffic, pauses of more than an hour left out; absent where rows have no time. */
  days: z.number().positive().optional(),
  tail: TailSchema,
  blocks: BlocksSchema.optional(),
  /** Absent where rows have no time or do not say who talks to whom. */
  episodes: EpisodeCurveSchema.optional(),
  categories: z.array(CategoryScoresSchema),
  /** Absent where calibration rows are too few. */
  drift: DriftBaselineSchema.optional(),
});
export type CalibrationDocument = z.output<typeof CalibrationSchema>;
