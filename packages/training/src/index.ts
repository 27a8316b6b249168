export {
  type BatchGradients,
  type GradientBackend,
  loadBackend,
  type MakeGradients,
} from './backend/gradient-backend.ts';
export { HISTORY_SCHEMA } from './history.ts';
export { CheckpointFile } from './loop/checkpoint-file.ts';
export { trainAutoencoder, type TrainedAutoencoder, type TrainingTask } from './loop/train-autoencoder.ts';
export type { EpochLoss } from './loop/training-state.ts';
export { type Pause, pauseFor, WindowedRows } from './loop/windowed-rows.ts';
export { buildLayersModel, MODEL_FILE, openLayersModel, saveLayersModel, WEIGHTS_FILE } from './model/layers-model.ts';
export { DenseNetwork } from './network/dense-network.ts';
export type { NetworkShape } from './network/network-shape.ts';
export { loadSplit, type LoadedSplit } from './rows/load-split.ts';
export { type RowStore, RowStoreBuilder } from './rows/row-store.ts';
export { addDistance, type DistanceFit } from './scorer/add-distance.ts';
export { fitCentres } from './scorer/fit-centres.ts';
export { fitScorer, residualMoments, type ScorerFit } from './scorer/fit-scorer.ts';
export { ResidualMoments } from './scorer/residual-moments.ts';
export { zcaCorWhitening } from './scorer/whitening.ts';
export { trainingStage } from './stage.ts';
