import { z } from 'zod';
import { PRECISIONS } from '../documents/detector-document.ts';
import { MeteringSettingsSchema } from '../documents/metering-settings.ts';
import { ScorerConfigSchema } from './scorer-config.ts';
import { CollectSourceConfigSchema, SourceConfigSchema } from './source-config.ts';

export const CONFIG_FILE = 'edgeguard.config.json';

/** Shares of the normal rows that each split gets. Attack rows move no border: they only ever go to test. */
const SharesSchema = z
  .strictObject({
    train: z.number().positive().default(0.5),
    validation: z.number().positive().default(0.15),
    calibration: z.number().positive().default(0.15),
    test: z.number().positive().default(0.2),
  })
  .refine((s) => Math.abs(s.train + s.validation + s.calibration + s.test - 1) < 1e-9, 'the shares must add up to 1');
export type SplitShares = z.output<typeof SharesSchema>;

/**
 * Source files whose rows are the test split, as the column of role `split` names them. The other files then share
 * train, validation and calibration in the proportion of their shares. Without any, test is drawn as the others are.
 */
const TestFilesSchema = z.array(z.string()).default([]);

/** How rows are split. */
const SplitSchema = z.discriminatedUnion('by', [
  z.strictObject({
    /** By the time column: train, validation, calibration, test in order of time. */
    by: z.literal('time'),
    shares: SharesSchema.prefault({}),
    /** Rows so long after a border are left out: no flow then reaches across. One active timeout is enough. */
    gapSeconds: z.number().nonnegative().default(1800),
  }),
  z.strictObject({
    /** By the values of an identity or split column: each value is in one split. */
    by: z.literal('group'),
    column: z.string(),
    shares: SharesSchema.prefault({}),
  }),
  z.strictObject({
    /** At random with the pipeline's seed, after removing rows that would appear in two splits. Only without a time column. */
    by: z.literal('random'),
    shares: SharesSchema.prefault({}),
    test: TestFilesSchema,
  }),
  z.strictObject({
    /** By source file (the column of role `split`): the rows of a file stay together. */
    by: z.literal('file'),
    shares: SharesSchema.prefault({}),
    test: TestFilesSchema,
  }),
]);
export type SplitConfig = z.output<typeof SplitSchema>;

/** How rows are split where a config does not say: by time where they have one, else at random. */
export function defaultSplit(hasTime: boolean): SplitConfig {
  return SplitSchema.parse({ by: hasTime ? 'time' : 'random' });
}

/** How raw values become model inputs. */
const TransformConfigSchema = z.strictObject({
  /** Values beyond so many standard deviations are cut off and counted as evidence. */
  clipSigma: z.number().positive().max(100).default(5),
  /** Smallest standard deviation, in units of the logarithmic scale, that a feature is divided by. */
  deviationFloor: z.number().positive().default(0.05),
});
export type TransformConfig = z.output<typeof TransformConfigSchema>;

const CollectSchema = z.strictObject({
  source: CollectSourceConfigSchema,
  metering: MeteringSettingsSchema.prefault({}),
});

const PreprocessSchema = z.strictObject({
  /** Without: by time where rows have one, else at random. */
  split: SplitSchema.optional(),
  transform: TransformConfigSchema.prefault({}),
});

const TrainSchema = z.strictObject({
  network: z
    .strictObject({
      /** Widths of the hidden layers; input and output have the width of the transform. */
      hidden: z.array(z.int().min(1).max(4096)).min(1).default([128, 64, 32, 64, 128]),
      activation: z.enum(['relu', 'tanh', 'elu']).default('relu'),
      /** Share of the hidden units that is left out at random in training, anew for each row. */
      dropout: z.number().nonnegative().max(0.9).default(0),
      /**
       * `batch`: batch normalisation of the hidden layers, before their activation. It is folded into their weights when
       * the model is saved.
       */
      normalisation: z.enum(['none', 'batch']).default('none'),
      /**
       * An autoencoder for each group of correlated features in place of one for all (after KitNET). Groups are found in
       * train rows; the hidden units are dealt to them in proportion to their inputs.
       */
      groups: z
        .strictObject({
          /** Most features of a group. */
          largest: z.int().min(1).max(4096),
        })
        .optional(),
    })
    .prefault({}),
  epochs: z.int().min(1).max(100_000).default(120),
  batchSize: z.int().min(1).max(65_536).default(256),
  learningRate: z.number().positive().max(1).default(0.001),
  /** How the learning rate falls: not at all, or along half a cosine to a hundredth over `epochs`. */
  schedule: z.enum(['constant', 'cosine']).default('cosine'),
  /** Decoupled weight decay: in every step weights shrink by this times the learning rate. */
  weightDecay: z.number().nonnegative().max(1).default(0),
  /** How far a reconstruction is from its target. `huber` and `log-cosh` grow linearly for residuals beyond 1 deviation. */
  loss: z.enum(['mse', 'huber', 'log-cosh']).default('mse'),
  /** Standard deviation of the Gaussian noise that is added to inputs, never to targets. */
  denoising: z.number().nonnegative().max(10).default(0.3),
  /** Share of the inputs that are set to zero, the mean of train, at random; never of targets. */
  masking: z.number().nonnegative().max(0.9).default(0),
  /**
   * Share of the train and validation rows, those with the largest reconstruction errors, that takes no part: for data
   * that may hold attacks. They are listed for a look in `suspicious.arrow`.
   */
  trim: z.number().nonnegative().max(0.5).default(0),
  /** Epochs without a better validation loss before training stops. */
  patience: z.int().min(1).default(30),
  /** How whitened residuals become a score, and what part a distance to normal has in it. */
  scorer: ScorerConfigSchema.prefault({ kind: 'huber-residual' }),
  /**
   * Shrinkage of the residual covariance, as a share of its mean variance. Whitening enlarges a residual by at most one
   * over its root, and with it what float32 and int8 round away, and what a category counts that no train row had.
   */
  shrinkage: z.number().nonnegative().max(10).default(0.1),
  /**
   * What computes gradients: our own WebAssembly kernels, or the optional `@tensorflow/tfjs-node`, whose bits depend on the
   * machine.
   */
  backend: z.enum(['kernels', 'tfjs-node']).default('kernels'),
});

const ConvertSchema = z.strictObject({
  precisions: z.array(z.enum(PRECISIONS)).min(1).default(['float32', 'int8']),
  /** What the shipped threshold promises. */
  threshold: z
    .strictObject({
      /** 0.001 where left out, or the strictest usual rate that the calibration rows support. */
      falseAlarmRate: z.number().positive().max(0.5).optional(),
      confidence: z.number().min(0.5).max(0.9999).default(0.95),
    })
    .prefault({}),
});

const EvaluateSchema = z.strictObject({
  /** Points kept of each curve in the report. */
  curvePoints: z.int().min(10).max(10_000).default(400),
});

const DetectSchema = z.strictObject({
  /** Traffic that the target `detect` looks at. */
  source: SourceConfigSchema,
  precision: z.enum(PRECISIONS).default('int8'),
  /** Seed of a synthetic source: another than the pipeline's, or it would be the traffic of training. */
  seed: z.int().optional(),
});

/** `edgeguard.config.json`: one pipeline. A stage reads `seed` and its own section, nothing else. */
export const PipelineConfigSchema = z.strictObject({
  $schema: z.string().optional(),
  description: z.string().optional(),
  seed: z.int().nonnegative().max(0xffff_ffff).default(1),
  collect: CollectSchema,
  preprocess: PreprocessSchema.prefault({}),
  train: TrainSchema.prefault({}),
  convert: ConvertSchema.prefault({}),
  evaluate: EvaluateSchema.prefault({}),
  detect: DetectSchema.optional(),
});
export type PipelineConfig = z.output<typeof PipelineConfigSchema>;
export type CollectConfig = PipelineConfig['collect'];
export type PreprocessConfig = PipelineConfig['preprocess'];
export type TrainConfig = PipelineConfig['train'];
export type ConvertConfig = PipelineConfig['convert'];
export type EvaluateConfig = PipelineConfig['evaluate'];
export type DetectConfig = NonNullable<PipelineConfig['detect']>;
