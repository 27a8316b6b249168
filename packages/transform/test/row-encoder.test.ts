import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ColumnBatch, DatasetReader, DatasetWriter } from '@edgeguard/contracts/arrow';
import type { DatasetSchema } from '@edgeguard/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countNonFinite, fitTransform, keepFiniteRows, markFiniteRows, RowEncoder } from '../src/index.ts';
import { CONFIG, feature, matrix, schemaOf } from './helpers.ts';

const SCHEMA = schemaOf(
  { name: 'when', role: 'time', type: 'timestamp' },
  feature('proto', 'category', { type: 'utf8' }),
  feature('bytes', 'bytes', { unit: 'By' }),
  feature('class', 'category', { categories: ['low', 'high'] }),
);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edgeguard-'));
});
afterAll(async () => rm(folder, { recursive: true }));

async function dataset(name: string, schema: DatasetSchema, batch: ColumnBatch): Promise<DatasetReader> {
  const path = join(folder, name);
  const writer = new DatasetWriter(path, schema);
  await writer.write(batch);
  await writer.close();
  return DatasetReader.open(path);
}

const TRAIN: ColumnBatch = {
  length: 3,
  columns: {
    when: BigInt64Array.from([1n, 2n, 3n]),
    proto: ['tcp', 'udp', 'tcp'],
    bytes: Float32Array.from([10, 20, 30]),
    class: Float32Array.from([1, 2, 1]),
  },
};

async function transform() {
  const reader = await dataset('train.arrow', SCHEMA, TRAIN);
  const document = await fitTransform({ schema: SCHEMA, rows: reader.batches(), config: CONFIG, splits: {} });
  await reader.close();
  return document;
}

describe('RowEncoder', () => {
  it('gives raw rows in schema order with unknown categories as 0', async () => {
    const reader = await dataset('later.arrow', SCHEMA, {
      length: 4,
      columns: {
        when: BigInt64Array.from([1n, 2n, 3n, 4n]),
        proto: ['udp', 'sctp', 'tcp', 'tcp'],
        bytes: Float32Array.from([1, 2, Number.NaN, 4]),
        class: Float32Array.from([2, 3, -1, 1.5]),
      },
    });
    const encoder = new RowEncoder(reader.schema, await transform(), reader.path);
    const out = new Float32Array(12);
    encoder.encode(await reader.batch(0), out);
    await reader.close();
    expect(encoder.width).toBe(3);
    expect([...out]).toEqual([2, 1, 2, 0, 2, 0, 1, Number.NaN, 0, 1, 4, 0]);
  });

  it('names the first feature that differs', async () => {
    const document = await transform();
    const [time, proto, bytes, last] = SCHEMA.columns;
    const cases: [DatasetSchema['columns'], string][] = [
      [[time!, proto!, last!, bytes!], 'feature 2 is class where bytes is expected'],
      [[proto!, bytes!], 'feature 3, class, is missing'],
      [[proto!, bytes!, last!, feature('more', 'count')], 'feature 4, more, is unknown to the transform'],
      [[proto!, feature('bytes', 'bytes'), last!], 'feature bytes is a bytes in 1 where a bytes in By is expected'],
    ];
    for (const [columns, problem] of cases) {
      expect(() => new RowEncoder(schemaOf(...columns), document, 'flows.arrow')).toThrow(
        `flows.arrow: ${problem}; use`,
      );
    }
    expect(new RowEncoder(schemaOf(proto!, bytes!, last!), document, 'x').width).toBe(3);
  });
});

describe('finite rows', () => {
  const rows = (): Float32Array =>
    matrix([
      [1, 2],
      [Number.NaN, 1],
      [3.4e38, -3.4e38],
      [1, Number.POSITIVE_INFINITY],
      [5, Number.NEGATIVE_INFINITY],
      [7, 8],
    ]);

  it('are counted, marked and kept', () => {
    expect(countNonFinite(rows(), 6, 2)).toBe(3);
    const mask = new Uint8Array(6);
    expect(markFiniteRows(rows(), 6, 2, mask)).toBe(3);
    expect([...mask]).toEqual([1, 0, 1, 0, 0, 1]);
    const kept = rows();
    expect(keepFiniteRows(kept, 6, 2)).toBe(3);
    expect([...kept.subarray(0, 6)]).toEqual([
      ...matrix([
        [1, 2],
        [3.4e38, -3.4e38],
        [7, 8],
      ]),
    ]);
  });
});
