import type { TransformDocument } from '@edgeguard/contracts';
import type { WindowedRows } from '../loop/windowed-rows.ts';
import { ResidualMoments } from '../scorer/residual-moments.ts';

/** Rows that are looked at. */
const SAMPLE_ROWS = 4096;

/** Model inputs with a correlation beyond this say the same. */
const SAME = 0.99999;

/**
 * Groups of numeric features that say the same on the split's first rows, one being a linear function of the other on
 * the scale of the model. They count twice in a reconstruction loss, and nothing is learned from them.
 */
export async function duplicateFeatures(rows: WindowedRows, transform: TransformDocument): Promise<string[][]> {
  const { width } = rows.store;
  const count = Math.min(SAMPLE_ROWS, rows.store.rows);
  const inputs = new Float32Array(count * width);
  await rows.store.read(0, count, inputs, width);
  const moments = new ResidualMoments(width);
  moments.add(inputs, new Float32Array(inputs.length), width, count);
  const covariance = moments.covariance;
  const variance = (i: number): number => covariance[i * width + i]!;

  const numeric = transform.outputs.flatMap((feature, input) =>
    transform.schema.features[feature]!.kind === 'category' || variance(input) < 1e-12 ? [] : [input],
  );
  const groups: string[][] = [];
  const grouped = new Set<number>();
  for (const i of numeric) {
    if (grouped.has(i)) continue;
    const same = numeric.filter(
      (j) =>
        j > i && !grouped.has(j) && Math.abs(covariance[i * width + j]!) > SAME * Math.sqrt(variance(i) * variance(j)),
    );
    if (same.length === 0) continue;
    for (const j of same) grouped.add(j);
    groups.push([i, ...same].map((input) => transform.schema.features[transform.outputs[input]!]!.name));
  }
  return groups;
}
