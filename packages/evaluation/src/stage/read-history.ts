import { UserError } from '@edgeguard/contracts';
import { DatasetReader } from '@edgeguard/contracts/arrow';
import type { TrainingView } from '../report-client/report-data.ts';

const COLUMNS = ['epoch', 'train_loss', 'validation_loss'] as const;

/** Reads the losses of `history.arrow`. Null when no epoch was trained. */
export async function readHistory(path: string): Promise<TrainingView | null> {
  const reader = await DatasetReader.open(path);
  try {
    const present = new Set(reader.schema.columns.map(({ name }) => name));
    const missing = COLUMNS.find((name) => !present.has(name));
    if (missing) throw new UserError(path, `it has no column ${missing}`, 'run the stage train again');
    const view = { epoch: [] as number[], train: [] as number[], validation: [] as number[] };
    for await (const batch of reader.batches()) {
      view.epoch.push(...batch.numbers('epoch'));
      view.train.push(...batch.numbers('train_loss'));
      view.validation.push(...batch.numbers('validation_loss'));
    }
    return view.epoch.length === 0 ? null : view;
  } finally {
    await reader.close();
  }
}
