import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as arrow from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { type DatasetSchema, UserError } from '../../src/index.ts';
import { DatasetReader } from '../../src/arrow/index.ts';
import { readDataset, writeDataset } from '../support/datasets.ts';
import { temporaryFolders } from '../support/temporary-folder.ts';

const newFolder = temporaryFolders();

const SCHEMA: DatasetSchema = {
  name: 'small',
  version: 1,
  columns: [
    { name: 'time', role: 'time', type: 'timestamp' },
    { name: 'host', role: 'identity', type: 'utf8' },
    { name: 'bytes', role: 'feature', type: 'float32', kind: 'bytes', unit: 'By', range: [0, null] },
  ],
};

async function intactFile(folder: string): Promise<{ path: string; bytes: Buffer }> {
  const path = join(folder, 'rows.arrow');
  const columns = { time: BigInt64Array.of(1n, 2n), host: ['a', 'bb'], bytes: Float32Array.of(1, 2) };
  await writeDataset(path, SCHEMA, [{ length: 2, columns }]);
  return { path, bytes: await readFile(path) };
}

describe('a file that is no dataset', () => {
  it('is refused in one line that names it', async () => {
    const folder = await newFolder();
    const cases: [name: string, content: Uint8Array | string, problem: string][] = [
      ['empty', '', 'it is not an Arrow file'],
      ['text', 'this is not Arrow at all, only text', 'it is not an Arrow file'],
      ['magic', 'ARROW1', 'the Arrow file is cut off'],
      ['magic-twice', 'ARROW1ARROW1', 'the Arrow file is cut off'],
      ['hollow', 'ARROW1\0\0\0\0\0\0\0\0\0\0ARROW1', 'the Arrow file is damaged'],
    ];
    for (const [name, content, problem] of cases) {
      const path = join(folder, name);
      await writeFile(path, content);
      await expect(DatasetReader.open(path)).rejects.toThrow(UserError);
      await expect(DatasetReader.open(path)).rejects.toThrow(`${path}: ${problem}`);
    }
    await expect(DatasetReader.open(folder)).rejects.toThrow(`${folder}: it is a folder`);
    await expect(DatasetReader.open(join(folder, 'missing'))).rejects.toThrow('no such file or folder');
  });

  it('may be Arrow of someone else: it lacks our metadata', async () => {
    const path = join(await newFolder(), 'foreign.arrow');
    await writeFile(path, arrow.tableToIPC(arrow.tableFromArrays({ x: Float32Array.of(1, 2) }), 'file'));
    await expect(DatasetReader.open(path)).rejects.toThrow('not a dataset of EdgeGuard: it has no edgeguard.schema');
  });

  it('may claim a type that it does not hold', async () => {
    const path = join(await newFolder(), 'lying.arrow');
    const metadata = new Map([
      ['edgeguard.role', 'ignore'],
      ['edgeguard.type', 'float32'],
    ]);
    const field = new arrow.Field('x', new arrow.Utf8(), false, metadata);
    const schema = new arrow.Schema(
      [field],
      new Map([
        ['edgeguard.schema', 's'],
        ['edgeguard.schemaVersion', '1'],
      ]),
    );
    const writer = new arrow.RecordBatchFileWriter();
    writer.reset(undefined, schema);
    writer.finish();
    await writeFile(path, await writer.toUint8Array());
    await expect(DatasetReader.open(path)).rejects.toThrow('column x is said to be float32 but holds Utf8');
  });

  it('may have holes: rows with null are refused', async () => {
    const folder = await newFolder();
    const metadata = new Map([
      ['edgeguard.role', 'ignore'],
      ['edgeguard.type', 'float64'],
    ]);
    const field = new arrow.Field('x', new arrow.Float64(), true, metadata);
    const schema = new arrow.Schema(
      [field],
      new Map([
        ['edgeguard.schema', 's'],
        ['edgeguard.schemaVersion', '1'],
      ]),
    );
    const x = arrow.vectorFromArray([1, null, 3], new arrow.Float64());
    const withNull = join(folder, 'null.arrow');
    await writeFile(withNull, arrow.tableToIPC(new arrow.Table(schema, { x }), 'file'));
    await expect(readDataset(withNull)).rejects.toThrow('column x has empty cells');
  });
});

describe('a damaged dataset', () => {
  it('is refused wherever it is cut off', async () => {
    const folder = await newFolder();
    const { bytes } = await intactFile(folder);
    const path = join(folder, 'cut.arrow');
    for (let length = 0; length < bytes.length; length++) {
      await writeFile(path, bytes.subarray(0, length));
      await expect(readDataset(path)).rejects.toThrow(UserError);
    }
  });

  it('is refused or read, never more, with any one byte changed', async () => {
    const folder = await newFolder();
    const { bytes } = await intactFile(folder);
    const path = join(folder, 'flipped.arrow');
    const surprises: string[] = [];
    for (let at = 0; at < bytes.length; at++) {
      for (const mask of [0x01, 0x80, 0xff]) {
        const damaged = Buffer.from(bytes);
        damaged[at]! ^= mask;
        await writeFile(path, damaged);
        const outcome = await readDataset(path).then(
          ({ rows }) => (rows <= 2 ? 'read' : `${rows} rows`),
          (error: unknown) => (error instanceof UserError ? 'refused' : String(error)),
        );
        if (outcome !== 'read' && outcome !== 'refused') surprises.push(`byte ${at} ^ ${mask}: ${outcome}`);
      }
    }
    expect(surprises).toEqual([]);
  });

  it('is refused when it shrinks while it is read', async () => {
    const folder = await newFolder();
    const { path } = await intactFile(folder);
    const reader = await DatasetReader.open(path);
    await truncate(path, 100);
    await expect(reader.batch(0)).rejects.toThrow(UserError);
    await reader.close();
  });
});
