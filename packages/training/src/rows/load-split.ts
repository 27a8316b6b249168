import { type TransformDocument, UserError } from '@edgeguard/contracts';
import { type DatasetBatch, DatasetReader } from '@edgeguard/contracts/arrow';
import { keepFiniteRows, markFiniteRows, RowEncoder, TransformEvaluator } from '@edgeguard/transform';
import { type RowStore, RowStoreBuilder } from './row-store.ts';

/** A split as model inputs. */
export interface LoadedSplit {
  readonly inputs: RowStore;
  /** Numbers in the file of the rows that were left out because they held NaN or infinity, ascending. */
  readonly nonFinite: readonly number[];
}

/**
 * Reads a split batch by batch and transforms it to model inputs.
 *
 * @param scratch path of a scratch file for splits that do not fit in memory
 * @throws UserError for a dataset of another schema, or with rows that are labelled other than normal
 */
export async function loadSplit(
  path: string,
  transform: TransformDocument,
  scratch: string,
  signal: AbortSignal,
): Promise<LoadedSplit> {
  const reader = await DatasetReader.open(path);
  try {
    const encoder = new RowEncoder(reader.schema, transform, path);
    const evaluator = new TransformEvaluator(transform);
    const builder = new RowStoreBuilder(evaluator.outputWidth, scratch);
    const labelled = reader.schema.columns.some(({ name, role }) => role === 'label' && name === 'label');
    let raw = new Float32Array(0);
    let excess = new Float32Array(0);
    let inputs = new Float32Array(0);
    const nonFinite: number[] = [];
    let mask = new Uint8Array(0);
    let seen = 0;
    for await (const batch of reader.batches()) {
      signal.throwIfAborted();
      if (labelled) assertNormal(path, batch);
      if (raw.length < batch.length * encoder.width) {
        raw = new Float32Array(batch.length * encoder.width);
        excess = new Float32Array(raw.length);
        inputs = new Float32Array(batch.length * evaluator.outputWidth);
        mask = new Uint8Array(batch.length);
      }
      encoder.encode(batch, raw);
      if (markFiniteRows(raw, batch.length, encoder.width, mask) < batch.length) {
        for (let row = 0; row < batch.length; row++) if (mask[row] === 0) nonFinite.push(seen + row);
      }
      seen += batch.length;
      const rows = keepFiniteRows(raw, batch.length, encoder.width);
      evaluator.apply(raw, rows, inputs, excess);
      await builder.append(inputs.subarray(0, rows * evaluator.outputWidth));
    }
    return { inputs: builder.finish(), nonFinite };
  } finally {
    await reader.close();
  }
}

function assertNormal(path: string, batch: DatasetBatch): void {
  const other = batch.strings('label').find((label) => label !== 'normal');
  if (other !== undefined) {
    throw new UserError(path, `it holds a row labelled ${other}`, 'train on normal rows only: run preprocess again');
  }
}
