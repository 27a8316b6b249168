import type { TransformDocument } from '@edgeguard/contracts';
import { contextColumns, DatasetReader } from '@edgeguard/contracts/arrow';
import type { CategoryCodes, DriftBaselineBuilder } from '@edgeguard/detection';
import { markFiniteRows, RowEncoder } from '@edgeguard/transform';

/** What is known of the finite calibration rows beside their features, in file order. The same for every precision. */
export interface CalibrationRows {
  /** Nanoseconds since the Unix epoch; absent where the dataset has no time. */
  readonly time: BigInt64Array | undefined;
  /** Who acts and who is acted upon; absent where the dataset does not say. */
  readonly ends: { readonly sources: readonly string[]; readonly targets: readonly string[] } | undefined;
  /** For each category feature. */
  readonly categories: readonly CategoryCodes[];
}

/**
 * Reads what is known of the calibration rows.
 *
 * @param total finite rows
 * @param drift takes the rows as well
 */
export async function readCalibrationRows(
  path: string,
  transform: TransformDocument,
  total: number,
  drift?: DriftBaselineBuilder,
): Promise<CalibrationRows> {
  const reader = await DatasetReader.open(path);
  try {
    const encoder = new RowEncoder(reader.schema, transform, path);
    const context = contextColumns(reader.schema);
    const categories = transform.schema.features.flatMap(({ name, kind }, index) =>
      kind === 'category'
        ? [{ feature: name, categories: transform.vocabularies[name] ?? [], codes: new Uint16Array(total), index }]
        : [],
    );
    const time = context.time === undefined ? undefined : new BigInt64Array(total);
    const sources: string[] = [];
    const targets: string[] = [];
    // Each name is kept once, however many rows it has.
    const names = new Map<string, string>();
    const named = (name: string): string => {
      const known = names.get(name);
      if (known === undefined) names.set(name, name);
      return known ?? name;
    };
    let at = 0;
    for await (const batch of reader.batches()) {
      const { width } = encoder;
      const rows = new Float32Array(batch.length * width);
      const finite = new Uint8Array(batch.length);
      encoder.encode(batch, rows);
      markFiniteRows(rows, batch.length, width, finite);
      const times = context.time === undefined ? undefined : batch.bigints(context.time);
      const ends = context.ends && [batch.strings(context.ends[0]), batch.strings(context.ends[1])];
      for (let row = 0; row < batch.length; row++) {
        if (finite[row] !== 1) continue;
        if (time) time[at] = times![row]!;
        if (ends) {
          sources.push(named(ends[0]![row]!));
          targets.push(named(ends[1]![row]!));
        }
        for (const { codes, index } of categories) codes[at] = rows[row * width + index]!;
        drift?.add(rows.subarray(row * width, (row + 1) * width), 1);
        at++;
      }
    }
    return { time, ends: context.ends && { sources, targets }, categories };
  } finally {
    await reader.close();
  }
}
