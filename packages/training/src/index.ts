export { HISTORY_SCHEMA } from './history.ts';
export {
  type EpochLoss,
  trainAutoencoder,
  type TrainedAutoencoder,
  type TrainingTask,
} from './loop/train-autoencoder.ts';
export { buildLayersModel, MODEL_FILE, openLayersModel, saveLayersModel, WEIGHTS_FILE } from './model/layers-model.ts';
export { DenseNetwork, type NetworkShape } from './network/dense-network.ts';
export { loadSplit, type LoadedSplit } from './rows/load-split.ts';
export { type RowStore, RowStoreBuilder } from './rows/row-store.ts';
export { fitScorer, residualMoments, type ScorerFit } from './scorer/fit-scorer.ts';
export { ResidualMoments } from './scorer/residual-moments.ts';
export { zcaCorWhitening } from './scorer/whitening.ts';
export { trainingStage } from './stage.ts';
