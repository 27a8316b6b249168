import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DatasetSchema } from '@edgeguard/contracts';
import { DatasetReader } from '@edgeguard/contracts/arrow';
import { float32Text } from '../src/flow-output/number-text.ts';
import { openRowWriter, type RowFormat, rowFormat } from '../src/flow-output/open-row-writer.ts';
import { scratch } from './edgeguard.ts';

const SCHEMA: DatasetSchema = {
  name: 'test',
  version: 1,
  columns: [
    { name: 'time', role: 'time', type: 'timestamp' },
    { name: 'who', role: 'identity', type: 'utf8' },
    { name: 'bytes', role: 'ignore', type: 'int64' },
    { name: 'mean', role: 'feature', type: 'float32', kind: 'bytes', unit: 'By' },
  ],
};
const ROWS = {
  length: 2,
  columns: {
    time: BigInt64Array.of(1_767_600_061_000_042_999n, 0n),
    who: ['a "b", c', '10.0.0.1'],
    bytes: BigInt64Array.of(12n, 2n ** 60n),
    mean: Float32Array.of(0.1, Number.NaN),
  },
};

async function written(format: RowFormat): Promise<string> {
  const path = join(scratch(), `flows.${format}`);
  const writer = await openRowWriter(format, SCHEMA, path);
  await writer.write(ROWS);
  await writer.close();
  return path;
}

describe('flows as text', () => {
  it('CSV quotes what must be', async () => {
    const text = readFileSync(await written('csv'), 'utf8');
    expect(text).toBe(
      'time,who,bytes,mean\n' +
        '2026-01-05T08:01:01.000042999Z,"a ""b"", c",12,0.1\n' +
        '1970-01-01T00:00:00.000000000Z,10.0.0.1,1152921504606846976,NaN\n',
    );
  });

  it('JSON lines keep integers that a double cannot hold as digits, and NaN as null', async () => {
    const lines = readFileSync(await written('jsonl'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { time: '2026-01-05T08:01:01.000042999Z', who: 'a "b", c', bytes: 12, mean: 0.1 },
      { time: '1970-01-01T00:00:00.000000000Z', who: '10.0.0.1', bytes: '1152921504606846976', mean: null },
    ]);
  });

  it('Arrow is a dataset', async () => {
    const reader = await DatasetReader.open(await written('arrow'));
    expect(reader.schema).toEqual(SCHEMA);
    expect((await reader.batch(0)).strings('who')).toEqual(ROWS.columns.who);
    await reader.close();
  });

  it.each(['arrow', 'csv', 'jsonl'] as const)('%s: a file given up leaves nothing', async (format) => {
    const folder = scratch();
    const writer = await openRowWriter(format, SCHEMA, join(folder, 'flows'));
    await writer.write(ROWS);
    await writer.abort();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('takes the format from the name where none is asked for', () => {
    expect([rowFormat(undefined, 'a.arrow'), rowFormat(undefined, 'a.jsonl'), rowFormat(undefined, '-')]).toEqual([
      'arrow',
      'jsonl',
      'csv',
    ]);
    expect(rowFormat('csv', 'a.arrow')).toBe('csv');
  });
});

describe('float32 as text', () => {
  it('reads back exactly and is short', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true }), (value) => {
        expect(Math.fround(Number(float32Text(value)))).toBe(value === 0 ? Math.abs(value) : value);
      }),
    );
    expect(float32Text(Math.fround(0.1))).toBe('0.1');
    expect(float32Text(16_777_216)).toBe('16777216');
  });
});
