import { type TransformDocument, UserError } from '@edgeguard/contracts';
import { DatasetReader } from '@edgeguard/contracts/arrow';
import { keepFiniteRows, RowEncoder } from '@edgeguard/transform';

/** Raw rows [count, F]; the array is reused by the next block. */
export interface RowBlock {
  readonly rows: Float32Array;
  readonly count: number;
  /** Rows of this block that were left out because they hold NaN or infinity. */
  readonly notFinite: number;
}

/**
 * The finite rows of a split that must hold normal rows only, block by block, as the detector takes them.
 *
 * @throws UserError when the dataset has another schema, or rows that are not normal
 */
export async function* normalRows(
  path: string,
  transform: TransformDocument,
  signal?: AbortSignal,
): AsyncGenerator<RowBlock> {
  const reader = await DatasetReader.open(path);
  try {
    const encoder = new RowEncoder(reader.schema, transform, path);
    const labelled = reader.schema.columns.some(
      ({ name, role, type }) => name === 'label' && role === 'label' && type === 'utf8',
    );
    let rows = new Float32Array(0);
    for await (const batch of reader.batches()) {
      signal?.throwIfAborted();
      if (labelled) {
        const other = batch.strings('label').find((label) => label !== 'normal');
        if (other !== undefined) {
          throw new UserError(
            path,
            `it has rows labelled "${other}"`,
            'this split takes normal rows only: run preprocess again',
          );
        }
      }
      if (rows.length < batch.length * encoder.width) rows = new Float32Array(batch.length * encoder.width);
      encoder.encode(batch, rows);
      const count = keepFiniteRows(rows, batch.length, encoder.width);
      yield { rows, count, notFinite: batch.length - count };
    }
  } finally {
    await reader.close();
  }
}

/** Up to `limit` rows spread evenly over a dataset of `total` finite rows, [count, F]. */
export async function sampleRows(
  blocks: AsyncIterable<RowBlock>,
  width: number,
  total: number,
  limit: number,
): Promise<{ rows: Float32Array; count: number }> {
  const count = Math.min(total, limit);
  const sample = new Float32Array(count * width);
  let taken = 0;
  let seen = 0;
  for await (const block of blocks) {
    for (let row = 0; row < block.count; row++, seen++) {
      // The k-th sampled row is the one at floor(k * total / count).
      if (taken >= count || seen !== Math.floor((taken * total) / count)) continue;
      sample.set(block.rows.subarray(row * width, (row + 1) * width), taken * width);
      taken++;
    }
  }
  return { rows: sample, count: taken };
}

/** Finite rows of a dataset. */
export async function countRows(blocks: AsyncIterable<RowBlock>): Promise<{ finite: number; notFinite: number }> {
  let finite = 0;
  let notFinite = 0;
  for await (const block of blocks) {
    finite += block.count;
    notFinite += block.notFinite;
  }
  return { finite, notFinite };
}
