import { LABELS, UserError } from '@edgeguard/contracts';
import type { DatasetBatch, DatasetReader } from '@edgeguard/contracts/arrow';
import type { DatasetColumns } from './dataset-columns.ts';

/** Code of the label `normal`: its place in LABELS. */
export const NORMAL = LABELS.indexOf('normal');

/** A batch with what every way of splitting asks of each row. */
export interface LabelledRows {
  readonly batch: DatasetBatch;
  readonly length: number;
  /** Place of each row's label in LABELS. */
  readonly labels: Uint8Array;
  /** 1 where every feature is a finite number. */
  readonly finite: Uint8Array;
}

/**
 * Reads a dataset batch by batch.
 *
 * @throws UserError for a label that is none; the signal's reason when it aborts
 */
export async function* readLabelledRows(
  reader: DatasetReader,
  columns: DatasetColumns,
  signal: AbortSignal,
): AsyncGenerator<LabelledRows> {
  const codes = new Map<string, number>(LABELS.map((label, code) => [label, code]));
  for await (const batch of reader.batches()) {
    signal.throwIfAborted();
    const labels = Uint8Array.from(batch.strings(columns.label.name), (label) => {
      const code = codes.get(label);
      if (code !== undefined) return code;
      throw new UserError(reader.path, `it has the label "${label}"`, `label rows ${LABELS.join(', ')}`);
    });
    yield { batch, length: batch.length, labels, finite: markFinite(batch, columns) };
  }
}

/** Whether a row takes part in the shares of the splits. */
export function isUsableNormal(rows: LabelledRows, row: number): boolean {
  return rows.finite[row] === 1 && rows.labels[row] === NORMAL;
}

function markFinite(batch: DatasetBatch, columns: DatasetColumns): Uint8Array {
  const finite = new Uint8Array(batch.length).fill(1);
  for (const { name, type } of columns.features) {
    if (type !== 'float32') continue;
    const values = batch.floats(name);
    for (let row = 0; row < batch.length; row++) if (!Number.isFinite(values[row])) finite[row] = 0;
  }
  return finite;
}
