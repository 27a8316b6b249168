import { join } from 'node:path';
import {
  readJson,
  sha256OfFile,
  type SplitUses,
  type TransformDocument,
  TransformSchema,
  UserError,
  useSplit,
} from '@edgeguard/contracts';
import { DatasetWriter } from '@edgeguard/contracts/arrow';
import type { StageContext, StageDefinition, StageReport } from '@edgeguard/contracts/stage';
import { type LoadedBackend, loadBackend } from './backend/gradient-backend.ts';
import { describeGroups, GROUPS_FILE, groupsDocument } from './groups/groups-document.ts';
import { trainingNotes } from './health/notes.ts';
import { writeSuspiciousRows } from './health/suspicious-rows.ts';
import { HISTORY_SCHEMA, historyBatch } from './history.ts';
import { CheckpointFile } from './loop/checkpoint-file.ts';
import { trainAutoencoder, type TrainedAutoencoder } from './loop/train-autoencoder.ts';
import type { EpochLoss } from './loop/training-state.ts';
import { limitOf } from './loop/trim.ts';
import { keptRows, type Pause, pauseFor } from './loop/windowed-rows.ts';
import { buildLayersModel, saveLayersModel } from './model/layers-model.ts';
import { loadTensorFlow } from './model/tensorflow.ts';
import { verifyModel } from './model/verify.ts';
import { TrainingMonitor } from './monitor.ts';
import { loadSplit, type LoadedSplit } from './rows/load-split.ts';
import { addDistance } from './scorer/add-distance.ts';
import { clipSigmaOf, fitScorer, residualMoments } from './scorer/fit-scorer.ts';
import type { ResidualMoments } from './scorer/residual-moments.ts';

/** Fewer rows than this are no data to learn from. */
const LEAST_ROWS = 32;

/** Beside the folder of the stage, so that it outlives an interrupted run. */
const CHECKPOINT_FILE = 'train.checkpoint';

/**
 * Stage 3. Reads `preprocess/{train,validation}.arrow` and `transform.json`; writes the autoencoder as a TensorFlow.js
 * LayersModel (`model.json` and its weights), `scorer.json` and `history.arrow`.
 */
export const trainingStage: StageDefinition = { target: 'train', run };

/** What the stage works on. */
interface StageInputs {
  readonly transform: TransformDocument;
  readonly splits: SplitUses;
  readonly trainPath: string;
  readonly validationPath: string;
  readonly train: LoadedSplit;
  readonly validation: LoadedSplit;
}

async function run(context: StageContext): Promise<StageReport> {
  const { output, signal } = context;
  const transform = await readJson(context.input('preprocess', 'transform.json'), TransformSchema);
  const trainPath = context.input('preprocess', 'train.arrow');
  const validationPath = context.input('preprocess', 'validation.arrow');
  const splits = await useSplits(transform, trainPath, validationPath);

  const train = await loadSplit(trainPath, transform, output.path('train.scratch'), signal);
  const validation = await loadSplit(validationPath, transform, output.path('validation.scratch'), signal);
  try {
    assertEnough(trainPath, train);
    assertEnough(validationPath, validation);
    return await trainAndWrite(context, { transform, splits, trainPath, validationPath, train, validation });
  } finally {
    await train.inputs.close();
    await validation.inputs.close();
  }
}

async function useSplits(transform: TransformDocument, train: string, validation: string): Promise<SplitUses> {
  const trained = useSplit(transform.splits, 'train', train, await sha256OfFile(train));
  return useSplit(trained, 'validation', validation, await sha256OfFile(validation));
}

function assertEnough(path: string, split: LoadedSplit): void {
  if (split.inputs.rows >= LEAST_ROWS) return;
  const left = split.nonFinite.length > 0 ? ` (${split.nonFinite.length} more hold NaN or infinity)` : '';
  throw new UserError(
    path,
    `${split.inputs.rows} rows are too few to train on${left}`,
    `collect more normal traffic: at least ${LEAST_ROWS} rows here, better thousands`,
  );
}

async function trainAndWrite(context: StageContext, inputs: StageInputs): Promise<StageReport> {
  const { output, config } = context;
  const { transform, train, validation } = inputs;
  const pause = pauseFor(context.signal);
  const checkpoint = new CheckpointFile(join(context.artifacts, CHECKPOINT_FILE), {
    config: config.train,
    seed: config.seed,
    splits: inputs.splits,
    operations: transform.operations,
    outputs: transform.outputs,
  });
  const backend = await loadBackend(config.train.backend);
  const trained = await trainWithMonitor(context, inputs, checkpoint, backend);
  const { moments, suspicious, largestErrors } = await fitResiduals(context, inputs, trained, pause);
  const { distance, ...penalty } = config.train.scorer;
  const residual = fitScorer({
    moments,
    penalty,
    shrinkage: config.train.shrinkage,
    clipSigma: clipSigmaOf(transform),
    splits: inputs.splits,
  });
  const scorer = distance
    ? await addDistance({ scorer: residual, settings: distance, trained, largestErrors, seed: config.seed, pause })
    : residual;
  await output.writeJson('scorer.json', scorer);
  await writeHistory(output.path('history.arrow'), trained.history);
  if (trained.groups) {
    const { largest } = config.train.network.groups!;
    await output.writeJson(GROUPS_FILE, groupsDocument(trained.groups, featureNames(transform), largest));
  }
  const versions = await writeModel(context, trained, pause);
  const notes = await trainingNotes(trained, transform, train.inputs.rows, moments, pause);
  for (const note of notes) context.log.warn(note);
  await checkpoint.remove();
  return {
    rows: {
      train: train.inputs.rows,
      validation: validation.inputs.rows,
      epochs: trained.history.length,
      ...(config.train.trim > 0 ? { suspicious } : {}),
      ...(trained.groups ? { groups: trained.groups.features.length } : {}),
    },
    dropped: {
      'train: not finite': train.nonFinite.length,
      'validation: not finite': validation.nonFinite.length,
    },
    versions: { ...versions, ...backend.versions },
    notes,
  };
}

async function trainWithMonitor(
  context: StageContext,
  { transform, train, validation }: StageInputs,
  checkpoint: CheckpointFile,
  { makeGradients }: LoadedBackend,
): Promise<TrainedAutoencoder> {
  const { log, config } = context;
  const monitor = new TrainingMonitor(log, config.train.epochs, train.inputs.rows);
  try {
    const trained = await trainAutoencoder({
      train: train.inputs,
      validation: validation.inputs,
      config: config.train,
      outputs: transform.outputs,
      seed: config.seed,
      signal: context.signal,
      ...(makeGradients ? { makeGradients } : {}),
      checkpoint,
      onGroups: (groups) => log.info(describeGroups(groups, featureNames(transform))),
      onInterrupt: (epoch) => log.info(`kept a checkpoint in epoch ${epoch}; the next run goes on from there`),
      onResume: (epoch) => log.info(`going on from a checkpoint in epoch ${epoch}`),
      onRows: (epoch, rows, loss) => monitor.rows(epoch, rows, loss),
      onEpoch: (loss) => monitor.epoch(loss),
    });
    monitor.finish(trained);
    return trained;
  } finally {
    monitor.stop();
  }
}

function featureNames({ schema }: TransformDocument): string[] {
  return schema.features.map(({ name }) => name);
}

/** What rows the scorer is fitted on, and their residuals. */
interface FittedResiduals {
  readonly moments: ResidualMoments;
  readonly suspicious: number;
  /** Rows with larger reconstruction errors take no part. */
  readonly largestErrors: { readonly train: number; readonly validation: number };
}

/** Validation residuals for the scorer; with trimming, without the worst rows, which are listed for a look. */
async function fitResiduals(
  { output, config }: StageContext,
  inputs: StageInputs,
  trained: TrainedAutoencoder,
  pause: Pause,
): Promise<FittedResiduals> {
  const { network, validation } = trained;
  const { trim } = config.train;
  if (trim === 0) {
    const all = Number.POSITIVE_INFINITY;
    const moments = await residualMoments(network, validation, pause);
    return { moments, suspicious: 0, largestErrors: { train: all, validation: all } };
  }
  const errors = await validation.errors(pause);
  const { limit } = limitOf(errors, keptRows(errors.length, trim));
  const moments = await residualMoments(network, validation, pause, limit);
  const trainErrors = await trained.train.errors(pause);
  const { limit: trainLimit } = limitOf(trainErrors, keptRows(trainErrors.length, trim));
  const split = (name: 'train' | 'validation', path: string, of: Float64Array, loaded: LoadedSplit) => ({
    name,
    path,
    errors: of,
    trimmed: of.length - keptRows(of.length, trim),
    nonFinite: loaded.nonFinite,
  });
  const suspicious = await writeSuspiciousRows(output.path('suspicious.arrow'), [
    split('train', inputs.trainPath, trainErrors, inputs.train),
    split('validation', inputs.validationPath, errors, inputs.validation),
  ]);
  return { moments, suspicious, largestErrors: { train: trainLimit, validation: limit } };
}

/** Returns the versions that decided what the files look like. */
async function writeModel(
  context: StageContext,
  trained: TrainedAutoencoder,
  pause: Pause,
): Promise<Record<string, string>> {
  const { layout } = trained.network;
  const model = await buildLayersModel(layout, context.config.train.network.activation, trained.parameters);
  try {
    await verifyModel(model, trained, pause);
    await saveLayersModel(model, (name) => context.output.path(name));
  } finally {
    model.dispose();
  }
  const { layers } = await loadTensorFlow();
  return { '@tensorflow/tfjs-layers': layers.version_layers };
}

async function writeHistory(path: string, history: readonly EpochLoss[]): Promise<void> {
  const writer = new DatasetWriter(path, HISTORY_SCHEMA);
  try {
    await writer.write(historyBatch(history));
    await writer.close();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}
