import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as arrow from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { readNumberTable } from '../../src/arrow/index.ts';
import { EVERY_TYPE_SCHEMA, writeDataset } from '../support/datasets.ts';
import { temporaryFolders } from '../support/temporary-folder.ts';

const newFolder = temporaryFolders();

/** An Arrow file as anybody writes it, without any of our metadata. */
async function foreign(columns: Readonly<Record<string, arrow.Vector>>): Promise<string> {
  const path = join(await newFolder(), 'rows.arrow');
  await writeFile(path, arrow.tableToIPC(new arrow.Table(columns), 'file'));
  return path;
}

describe('a table of numbers', () => {
  it('is every column of a file without roles, row by row, as float32', async () => {
    const path = await foreign({
      a: arrow.makeVector(Float32Array.of(0.5, 1.5, 2.5)),
      b: arrow.makeVector(Float64Array.of(0.1, 0.2, 0.3)),
      c: arrow.makeVector(Uint8Array.of(7, 8, 9)),
    });
    const [x, y, z] = [0.1, 0.2, 0.3].map(Math.fround) as [number, number, number];
    expect(await readNumberTable(path)).toEqual({
      values: Float32Array.of(0.5, x, 7, 1.5, y, 8, 2.5, z, 9),
      count: 3,
      width: 3,
    });
  });

  it('is the features alone where columns have roles', async () => {
    const path = join(await newFolder(), 'dataset.arrow');
    const columns = [
      { name: 'time', role: 'time', type: 'timestamp' },
      { name: 'x', role: 'feature', type: 'float32', kind: 'count', unit: '1' },
    ] as const;
    const data = { time: BigInt64Array.of(1n, 2n), x: Float32Array.of(3, 4) };
    await writeDataset(path, { ...EVERY_TYPE_SCHEMA, columns: [...columns] }, [{ length: 2, columns: data }]);
    expect(await readNumberTable(path)).toEqual({ values: Float32Array.of(3, 4), count: 2, width: 1 });
  });

  it('refuses text, wide integers, empty cells, what is not finite, and nothing at all', async () => {
    const text = await foreign({ a: arrow.vectorFromArray(['x'], new arrow.Utf8()) });
    await expect(readNumberTable(text)).rejects.toThrow(/rows\.arrow: column a holds Utf8/);
    const wide = await foreign({ a: arrow.makeVector(BigInt64Array.of(1n)) });
    await expect(readNumberTable(wide)).rejects.toThrow(/column a holds Int64/);
    const holes = await foreign({ a: arrow.vectorFromArray([1, null], new arrow.Float32()) });
    await expect(readNumberTable(holes)).rejects.toThrow(/column a has empty cells/);
    const odd = await foreign({ a: arrow.makeVector(Float32Array.of(1, Number.NaN)) });
    await expect(readNumberTable(odd)).rejects.toThrow(/row 2: column 1 is NaN/);
    const none = await foreign({ a: arrow.makeVector(new Float32Array(0)) });
    await expect(readNumberTable(none)).rejects.toThrow(/there are no rows/);
    await expect(readNumberTable(join(await newFolder(), 'none.arrow'))).rejects.toThrow(/no such file/);
  });
});
