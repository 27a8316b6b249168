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
import { HISTORY_SCHEMA, historyBatch } from './history.ts';
import { trainingNotes } from './health/notes.ts';
import { type EpochLoss, trainAutoencoder, type TrainedAutoencoder } from './loop/train-autoencoder.ts';
import { buildLayersModel, saveLayersModel } from './model/layers-model.ts';
import { loadTensorFlow } from './model/tensorflow.ts';
import { verifyModel } from './model/verify.ts';
import { TrainingMonitor } from './monitor.ts';
import { loadSplit, type LoadedSplit } from './rows/load-split.ts';
import { clipSigmaOf, fitScorer, residualMoments } from './scorer/fit-scorer.ts';

/** Fewer rows than this are no data to learn from. */
const LEAST_ROWS = 32;

/**
 * Stage 3. Reads `preprocess/{train,validation}.arrow` and `transform.json`; writes the autoencoder as a TensorFlow.js
 * LayersModel (`model.json` and its weights), `scorer.json` and `history.arrow`.
 */
export const trainingStage: StageDefinition = { target: 'train', run };

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
    const trained = await trainWithMonitor(context, train, validation);
    const moments = await residualMoments(trained.network, trained.validation, signal);
    const scorer = fitScorer({
      moments,
      shrinkage: context.config.train.shrinkage,
      clipSigma: clipSigmaOf(transform),
      splits,
    });
    await output.writeJson('scorer.json', scorer);
    await writeHistory(output.path('history.arrow'), trained.history);
    const versions = await writeModel(context, trained);
    const notes = await trainingNotes(trained, transform, train.inputs.rows, moments, signal);
    for (const note of notes) context.log.warn(note);
    return {
      rows: { train: train.inputs.rows, validation: validation.inputs.rows, epochs: trained.history.length },
      dropped: { 'train: not finite': train.nonFinite, 'validation: not finite': validation.nonFinite },
      versions,
      notes,
    };
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
  const left = split.nonFinite > 0 ? ` (${split.nonFinite} more hold NaN or infinity)` : '';
  throw new UserError(
    path,
    `${split.inputs.rows} rows are too few to train on${left}`,
    `collect more normal traffic: at least ${LEAST_ROWS} rows here, better thousands`,
  );
}

async function trainWithMonitor(
  context: StageContext,
  train: LoadedSplit,
  validation: LoadedSplit,
): Promise<TrainedAutoencoder> {
  const config = context.config.train;
  const monitor = new TrainingMonitor(context.log, config.epochs, train.inputs.rows);
  try {
    const trained = await trainAutoencoder({
      train: train.inputs,
      validation: validation.inputs,
      config,
      seed: context.config.seed,
      signal: context.signal,
      onRows: (epoch, rows, loss) => monitor.rows(epoch, rows, loss),
      onEpoch: (loss) => monitor.epoch(loss),
    });
    monitor.finish(trained);
    return trained;
  } finally {
    monitor.stop();
  }
}

/** Returns the versions that decided what the files look like. */
async function writeModel(context: StageContext, trained: TrainedAutoencoder): Promise<Record<string, string>> {
  const { layout } = trained.network;
  const model = await buildLayersModel(layout, context.config.train.network.activation, trained.parameters);
  try {
    await verifyModel(model, trained, context.signal);
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
