import type { DatasetSchema } from '@edgeguard/contracts';
import type { ColumnBatch } from '@edgeguard/contracts/arrow';
import type { EpochLoss } from './loop/training-state.ts';

/** `history.arrow`: one row per epoch, mean losses per output. */
export const HISTORY_SCHEMA: DatasetSchema = {
  name: 'training-history',
  version: 1,
  columns: [
    { name: 'epoch', role: 'ignore', type: 'uint32' },
    { name: 'train_loss', role: 'ignore', type: 'float64' },
    { name: 'validation_loss', role: 'ignore', type: 'float64' },
  ],
};

/** The rows of `history.arrow`. */
export function historyBatch(history: readonly EpochLoss[]): ColumnBatch {
  return {
    length: history.length,
    columns: {
      epoch: Uint32Array.from(history, ({ epoch }) => epoch),
      train_loss: Float64Array.from(history, ({ train }) => train),
      validation_loss: Float64Array.from(history, ({ validation }) => validation),
    },
  };
}
