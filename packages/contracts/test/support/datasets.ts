import type { Column, DatasetSchema, FeatureColumn } from '../../src/index.ts';
import { type ColumnBatch, type ColumnValues, DatasetReader, DatasetWriter } from '../../src/arrow/index.ts';

/** One column of every type and role. */
export const EVERY_COLUMN: readonly (Column | FeatureColumn)[] = [
  { name: 'time', role: 'time', type: 'timestamp' },
  { name: 'host', role: 'identity', type: 'utf8' },
  { name: 'port', role: 'identity', type: 'uint16' },
  { name: 'protocol', role: 'identity', type: 'uint8' },
  { name: 'packets', role: 'ignore', type: 'uint32' },
  { name: 'sequence', role: 'ignore', type: 'int64' },
  { name: 'duration', role: 'feature', type: 'float32', kind: 'seconds', unit: 's', logScale: 1e-6, range: [0, null] },
  {
    name: 'service',
    role: 'feature',
    type: 'utf8',
    kind: 'category',
    unit: '1',
    description: 'name of the service',
    family: 'context',
    formula: 'port table',
  },
  {
    name: 'direction',
    role: 'feature',
    type: 'float32',
    kind: 'category',
    unit: '1',
    categories: ['inbound', 'outbound'],
  },
  { name: 'ratio', role: 'ignore', type: 'float64' },
  { name: 'label', role: 'label', type: 'utf8' },
];

export const EVERY_TYPE_SCHEMA: DatasetSchema = { name: 'every-type', version: 3, columns: EVERY_COLUMN };

/** Writes batches to a file. */
export async function writeDataset(
  path: string,
  schema: DatasetSchema,
  batches: readonly ColumnBatch[],
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const writer = new DatasetWriter(path, schema, metadata);
  for (const batch of batches) await writer.write(batch);
  await writer.close();
}

/** All values of a dataset by column, as plain arrays. */
export async function readDataset(path: string): Promise<{ schema: DatasetSchema; rows: number; columns: Columns }> {
  const reader = await DatasetReader.open(path);
  try {
    const columns: Columns = Object.fromEntries(reader.schema.columns.map((column) => [column.name, []]));
    let rows = 0;
    for await (const batch of reader.batches()) {
      rows += batch.length;
      for (const { name, type } of reader.schema.columns) {
        if (type === 'utf8') columns[name]!.push(...batch.strings(name));
        else if (type === 'int64' || type === 'timestamp') columns[name]!.push(...batch.bigints(name));
        else columns[name]!.push(...batch.numbers(name));
      }
    }
    return { schema: reader.schema, rows, columns };
  } finally {
    await reader.close();
  }
}

export type Columns = Record<string, (number | bigint | string)[]>;

/** Rows `from` to `to` of column values. */
export function slice(batch: ColumnBatch, from: number, to: number): ColumnBatch {
  const columns = Object.entries(batch.columns).map(([name, values]): [string, ColumnValues] => [
    name,
    values.slice(from, to) as ColumnValues,
  ]);
  return { length: to - from, columns: Object.fromEntries(columns) };
}
