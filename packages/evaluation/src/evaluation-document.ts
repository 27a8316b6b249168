import { FeatureSchemaSchema, LABELS, Sha256Schema, SplitUsesSchema, ThresholdSchema } from '@edgeguard/contracts';
import { DRIFT_STATES } from '@edgeguard/detection';
import { z } from 'zod';

const ShareSchema = z.number().min(0).max(1);
const IntervalSchema = z.tuple([z.number(), z.number()]).readonly();

/** A share of rows with its 95 % Wilson interval; null where there are no rows. */
const RateSchema = z.strictObject({ value: ShareSchema, interval: IntervalSchema }).nullable();

const CountSchema = z.int().nonnegative();

/** Alerts among some rows. */
const AlertsSchema = z.strictObject({ rows: CountSchema, alerts: CountSchema, rate: RateSchema });

/** What the threshold does on the test split. Only normal and attack rows count; the rest is reported apart. */
const AtThresholdSchema = z.strictObject({
  truePositives: CountSchema,
  falsePositives: CountSchema,
  trueNegatives: CountSchema,
  falseNegatives: CountSchema,
  detectionRate: RateSchema,
  falseAlarmRate: RateSchema,
  precision: ShareSchema.nullable(),
  f1: ShareSchema.nullable(),
  /** Mean of the detection rates of the attacks: each attack counts alike, however many rows it has. */
  macroDetectionRate: ShareSchema.nullable(),
  perAttack: z.array(
    AlertsSchema.extend({
      attack: z.string(),
      /** Seconds of traffic time from its first row to its first alert; null without an alert or without time. */
      secondsToAlert: z.number().nullable(),
    }),
  ),
  /** Alarms per day of traffic; null where rows have no time. */
  perDay: z.strictObject({ falseAlarms: z.number(), alarms: z.number() }).nullable(),
  collateral: AlertsSchema,
  unknown: AlertsSchema,
});

/** Figures that look at the labels to choose thresholds: how well scores rank, not what a deployment would see. */
const OracleSchema = z.strictObject({
  rocAuc: ShareSchema.nullable(),
  prAuc: ShareSchema.nullable(),
  /** Best detection rate at a false alarm rate that is read off the test split. */
  detectionAt: z.array(z.strictObject({ falseAlarmRate: ShareSchema, detectionRate: ShareSchema.nullable() })),
  /** Area under the ROC curve of each attack against all normal rows, and the mean of them. */
  rocAucPerAttack: z.array(z.strictObject({ attack: z.string(), rocAuc: ShareSchema.nullable() })),
  macroRocAuc: ShareSchema.nullable(),
  /** Each threshold means: alert on every score >= score[i]. */
  curve: z.strictObject({
    normalRows: CountSchema,
    attackRows: CountSchema,
    score: z.array(z.number()).readonly(),
    falseAlarms: z.array(CountSchema).readonly(),
    detections: z.array(CountSchema).readonly(),
  }),
});

/** A pointwise band around a curve. */
const BandSchema = z.strictObject({ at: z.array(ShareSchema), low: z.array(ShareSchema), high: z.array(ShareSchema) });

/** Intervals of 95 % by resampling whole clusters of rows, since neighbouring rows are not independent. */
const BootstrapSchema = z.strictObject({
  /** What is drawn: a day, hour or minute of traffic time, a group or file, or single rows where nothing else is known. */
  unit: z.enum(['day', 'hour', 'minute', 'group', 'row']),
  clusters: CountSchema,
  replicates: CountSchema,
  detectionRate: IntervalSchema.nullable(),
  falseAlarmRate: IntervalSchema.nullable(),
  rocAuc: IntervalSchema.nullable(),
  prAuc: IntervalSchema.nullable(),
  /** Detection rate at false alarm rates read off the test split. */
  rocBand: BandSchema.nullable(),
  /** Precision at recalls read off the test split. */
  prBand: BandSchema.nullable(),
});

/** One episode. */
const EpisodeSpanSchema = z.strictObject({
  /** Nanoseconds since the Unix epoch of its first and its last alert. */
  first: z.string(),
  last: z.string(),
  alerts: CountSchema,
  /** What its first alert was on. */
  label: z.enum(LABELS),
  attack: z.string(),
});
export type EpisodeSpan = z.output<typeof EpisodeSpanSchema>;

/** Alerts on the test split as an operator sees them: those that belong together are one episode. */
const EpisodesSchema = z.strictObject({
  alerts: CountSchema,
  total: CountSchema,
  /** Episodes whose first alert is on a normal row: what an operator looks at in vain. */
  openedByNormal: CountSchema,
  openedByAttack: CountSchema,
  perDay: z.number(),
  /** In the order of their beginnings, and how many were left out. */
  spans: z.array(EpisodeSpanSchema),
  furtherSpans: CountSchema,
});

/**
 * What came of a promise on normal test rows: `kept`; `chance`: above it by no more than chance explains; `broken`: by more.
 */
const OutcomeSchema = z.enum(['kept', 'chance', 'broken']);
export type Outcome = z.output<typeof OutcomeSchema>;

/** Episodes in a day of normal traffic. */
const EpisodesPerDaySchema = z.strictObject({ value: z.number(), interval: IntervalSchema });

/** A budget of false alarms, with the threshold that calibration rows give for it and what it does on the test split. */
const BudgetSchema = z.strictObject({
  falseAlarmRate: ShareSchema,
  threshold: z.number(),
  expectedRate: ShareSchema,
  /** False alarm rate on normal test rows. */
  realised: RateSchema,
  detectionRate: RateSchema,
  falseAlarmsPerDay: z.number().nullable(),
  /** Episodes in a day by the replay of calibration, and of normal test rows; null where there is none. */
  expectedEpisodesPerDay: z.number().nullable(),
  episodesPerDay: EpisodesPerDaySchema.nullable(),
  /** Null where the test split has no normal rows. */
  outcome: OutcomeSchema.nullable(),
});

/** A budget of episodes in a day, with the threshold that the detector's calibration gives for it. */
const EpisodeBudgetSchema = z.strictObject({
  /** Promised at most. */
  perDay: z.number().positive(),
  confidence: ShareSchema,
  threshold: z.number(),
  expectedPerDay: z.number(),
  /** On normal test rows. */
  realised: EpisodesPerDaySchema.nullable(),
  falseAlarmRate: RateSchema,
  detectionRate: RateSchema,
  outcome: OutcomeSchema.nullable(),
});

/** The main figures on test rows that are new: neither seen in an earlier split nor repeated. */
const NewRowsSchema = z.strictObject({
  normal: CountSchema,
  attack: CountSchema,
  detectionRate: RateSchema,
  falseAlarmRate: RateSchema,
  rocAuc: ShareSchema.nullable(),
  prAuc: ShareSchema.nullable(),
});

/** One detector or baseline on the test split. */
const ResultSchema = z.strictObject({
  name: z.string(),
  description: z.string(),
  threshold: ThresholdSchema,
  /** Alerts among the normal rows of each split, at the same threshold. */
  falseAlarmsBySplit: z.strictObject({
    train: RateSchema,
    validation: RateSchema,
    calibration: RateSchema,
    test: RateSchema,
  }),
  atThreshold: AtThresholdSchema,
  oracle: OracleSchema,
  bootstrap: BootstrapSchema,
  onNewRows: NewRowsSchema,
  budgets: z.array(BudgetSchema),
  /** Empty where rows have no time or no ends, and where calibration covers too few days. */
  episodeBudgets: z.array(EpisodeBudgetSchema),
  /** Null for baselines, which give no reasons to group alerts by, and where rows have no time or no ends. */
  episodes: EpisodesSchema.nullable(),
});
export type ResultDocument = z.output<typeof ResultSchema>;

/** float32 and int8 on the same rows. */
const AgreementSchema = z.strictObject({
  rocAucDifference: z.number().nullable(),
  /** Spearman's rank correlation of the scores of normal test rows. */
  rankCorrelationOnNormal: z.number().nullable(),
  /** Share of test rows on which both take the same decision, each at its own threshold. */
  sameDecision: ShareSchema,
});

const SplitSchema = z.strictObject({
  rows: CountSchema,
  normal: CountSchema,
  attack: CountSchema,
  collateral: CountSchema,
  unknown: CountSchema,
  /** Rows that were not scored, for a NaN or an infinity. */
  notFinite: CountSchema,
  /** Traffic time of the rows; null where they have none. */
  time: z.strictObject({ first: z.string(), last: z.string(), days: z.number() }).nullable(),
});

/** What the drift monitor says of the normal test rows; null where the detector carries nothing to compare with. */
const TestDriftSchema = z
  .strictObject({
    state: z.enum(DRIFT_STATES),
    cause: z.enum(['sensor', 'network']).nullable(),
    blockRows: CountSchema,
    blocks: CountSchema,
    /** Blocks in which each signal moved, those that moved the most first. */
    moved: z.array(z.strictObject({ name: z.string(), blocks: CountSchema })),
  })
  .nullable();

/** What would make the figures say more than they should. */
const DataChecksSchema = z.strictObject({
  /** Test rows whose features occur, value for value, in an earlier split, or before in the test split. */
  sharedRows: z.strictObject({ normalSeenBefore: CountSchema, attackSeenBefore: CountSchema, repeated: CountSchema }),
  /** The features that separate attack from normal rows best, each alone. */
  singleFeatures: z.array(z.strictObject({ feature: z.string(), rocAuc: ShareSchema })),
  /** Those that separate them almost perfectly: a hint that the data gives the label away. */
  suspiciousFeatures: z.array(z.string()),
  /** Whether each split ends before the next begins; null without time. */
  timeOrder: z.enum(['ordered', 'overlapping']).nullable(),
  /** Population stability index of each feature of normal rows against train. */
  drift: z.array(
    z.strictObject({ feature: z.string(), validation: z.number(), calibration: z.number(), test: z.number() }),
  ),
  /** By the first detector. */
  testDrift: TestDriftSchema,
  /** Whether no group or file has rows in calibration and in test; null where the dataset names none. */
  testApart: z.boolean().nullable(),
});

/** A row with a high score and what it is made of. */
const AnomalySchema = z.strictObject({
  /** Place of the row in the test split. */
  row: CountSchema,
  /** Nanoseconds since the Unix epoch; null where rows have no time. */
  time: z.string().nullable(),
  label: z.enum(['normal', 'attack']),
  attack: z.string(),
  score: z.number(),
  alert: z.boolean(),
  pValue: ShareSchema,
  reasons: z.array(z.strictObject({ feature: z.string(), share: ShareSchema, text: z.string() })),
});

/** `evaluation.json`: what detectors and baselines do on rows that nothing has seen before. */
export const EvaluationSchema = z.strictObject({
  format: z.literal('edgeguard.evaluation'),
  version: z.literal(1),
  pipeline: z.string(),
  schema: FeatureSchemaSchema.pick({ name: true, version: true, hash: true }).extend({ features: CountSchema }),
  splitDigests: SplitUsesSchema,
  /** SHA-256 of each detector file, by precision. */
  detectorDigests: z.record(z.string(), Sha256Schema),
  detectorBytes: z.record(z.string(), CountSchema),
  splits: z.strictObject({
    train: SplitSchema,
    validation: SplitSchema,
    calibration: SplitSchema,
    test: SplitSchema,
  }),
  detectors: z.array(ResultSchema).min(1),
  baselines: z.array(ResultSchema),
  agreement: AgreementSchema.nullable(),
  dataChecks: DataChecksSchema,
  /** What the rows tell of why a promise was not kept; empty where all were. */
  brokenPromises: z.array(z.string()),
  /** The highest scores of normal rows and of each attack, by the first detector. */
  topAnomalies: z.array(AnomalySchema),
  /** What a reader must know before quoting a figure. */
  notes: z.array(z.string()),
});
export type EvaluationDocument = z.output<typeof EvaluationSchema>;
export type SplitSummary = z.output<typeof SplitSchema>;
