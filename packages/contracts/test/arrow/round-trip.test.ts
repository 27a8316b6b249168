import { execFileSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { featuresOf, schemaHash, sha256 } from '../../src/index.ts';
import { type ColumnBatch, DatasetReader, DatasetWriter, ROWS_PER_BATCH } from '../../src/arrow/index.ts';
import { EVERY_TYPE_SCHEMA, readDataset, slice, writeDataset } from '../support/datasets.ts';
import { temporaryFolders } from '../support/temporary-folder.ts';

const newFolder = temporaryFolders();

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const row = fc.record({
  time: int64,
  // Any UTF-16 with paired surrogates, from one to four bytes in UTF-8.
  host: fc.string({ unit: 'binary' }),
  port: fc.integer({ min: 0, max: 0xffff }),
  protocol: fc.integer({ min: 0, max: 0xff }),
  packets: fc.integer({ min: 0, max: 0xffff_ffff }),
  sequence: int64,
  duration: fc.float(),
  service: fc.string({ unit: 'grapheme' }),
  direction: fc.constantFrom(0, 1, 2),
  ratio: fc.double(),
  label: fc.constantFrom('normal', 'attack', 'collateral', 'unknown'),
});

type Row = typeof row extends fc.Arbitrary<infer T> ? T : never;

function toBatch(rows: readonly Row[]): ColumnBatch {
  return {
    length: rows.length,
    columns: {
      time: BigInt64Array.from(rows, (r) => r.time),
      host: rows.map((r) => r.host),
      port: Uint16Array.from(rows, (r) => r.port),
      protocol: Uint8Array.from(rows, (r) => r.protocol),
      packets: Uint32Array.from(rows, (r) => r.packets),
      sequence: BigInt64Array.from(rows, (r) => r.sequence),
      duration: Float32Array.from(rows, (r) => r.duration),
      service: rows.map((r) => r.service),
      direction: Float32Array.from(rows, (r) => r.direction),
      ratio: Float64Array.from(rows, (r) => r.ratio),
      label: rows.map((r) => r.label),
    },
  };
}

describe('a dataset that was written', () => {
  it('reads back with its schema and every value, however the rows were handed over', async () => {
    const folder = await newFolder();
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 40 }), fc.nat(40), async (rows, cut) => {
        const path = join(folder, 'rows.arrow');
        const whole = toBatch(rows);
        const at = Math.min(cut, rows.length);
        await writeDataset(path, EVERY_TYPE_SCHEMA, [slice(whole, 0, at), slice(whole, at, rows.length)]);
        const found = await readDataset(path);
        expect(found.schema).toEqual(EVERY_TYPE_SCHEMA);
        expect(found.rows).toBe(rows.length);
        for (const [name, values] of Object.entries(whole.columns)) expect(found.columns[name]).toEqual([...values]);
      }),
      { numRuns: 60 },
    );
  });

  it('has the same bytes whatever the sizes of the batches that it was handed', async () => {
    const folder = await newFolder();
    const length = ROWS_PER_BATCH + 1000;
    const schema = {
      name: 'two',
      version: 1,
      columns: [EVERY_TYPE_SCHEMA.columns[6]!, EVERY_TYPE_SCHEMA.columns[1]!],
    };
    const batch: ColumnBatch = {
      length,
      columns: {
        duration: Float32Array.from({ length }, (_, i) => i / 7),
        host: Array.from({ length }, (_, i) => `host-${i % 11}`),
      },
    };
    const pieces = (size: number): ColumnBatch[] =>
      Array.from({ length: Math.ceil(length / size) }, (_, i) =>
        slice(batch, i * size, Math.min(length, (i + 1) * size)),
      );
    const digests: string[] = [];
    for (const size of [length, 1000, 40_000]) {
      const path = join(folder, `${size}.arrow`);
      await writeDataset(path, schema, pieces(size), { 'edgeguard.metering': '{}' });
      digests.push(sha256(await readFile(path)));
    }
    expect(new Set(digests).size).toBe(1);
    const reader = await DatasetReader.open(join(folder, '1000.arrow'));
    expect(reader.batchCount).toBe(2);
    expect((await reader.batch(0)).length).toBe(ROWS_PER_BATCH);
    expect(await reader.countRows()).toBe(length);
    expect(reader.metadata.get('edgeguard.metering')).toBe('{}');
    await reader.close();
  });

  it('may have no rows', async () => {
    const path = join(await newFolder(), 'empty.arrow');
    await writeDataset(path, EVERY_TYPE_SCHEMA, []);
    expect(await readDataset(path)).toMatchObject({ schema: EVERY_TYPE_SCHEMA, rows: 0 });
  });
});

describe('the writer', () => {
  it('refuses rows that lack a column and values of another type', async () => {
    const folder = await newFolder();
    const writer = new DatasetWriter(join(folder, 'rows.arrow'), EVERY_TYPE_SCHEMA);
    const whole = toBatch(fc.sample(row, { seed: 1, numRuns: 3 }));
    const { host: _, ...without } = whole.columns;
    await expect(writer.write({ length: 3, columns: without })).rejects.toThrow(/lack the column host/);
    await expect(writer.write({ length: 3, columns: { ...whole.columns, host: new Float32Array(3) } })).rejects.toThrow(
      /do not fit/,
    );
    await writer.abort();
  });

  it('names the file and the cause when the disk is full', async () => {
    const writer = new DatasetWriter('/dev/full', EVERY_TYPE_SCHEMA);
    const failing = (async () => {
      await writer.write(toBatch(fc.sample(row, { seed: 1, numRuns: 3 })));
      await writer.close();
    })();
    await expect(failing).rejects.toThrow('/dev/full: the disk is full; free some room');
  });

  it('names a folder that is missing', async () => {
    const path = join(await newFolder(), 'missing', 'rows.arrow');
    const writer = new DatasetWriter(path, EVERY_TYPE_SCHEMA);
    await expect(writer.close()).rejects.toThrow(`${path}: no such file or folder`);
  });

  it('waits for a slow disk instead of keeping rows in memory', async () => {
    const path = join(await newFolder(), 'pipe');
    execFileSync('mkfifo', [path]);
    const columns = Array.from({ length: 20 }, (_, i) => ({
      name: `f${i}`,
      role: 'ignore' as const,
      type: 'float64' as const,
    }));
    const values = new Float64Array(ROWS_PER_BATCH);
    const batch = { length: ROWS_PER_BATCH, columns: Object.fromEntries(columns.map((c) => [c.name, values])) };
    // Nothing is read from the pipe at first, so the "disk" takes no more than the pipe's buffer.
    const disk = createReadStream(path);
    const writer = new DatasetWriter(path, { name: 'wide', version: 1, columns });
    let accepted = 0;
    const writing = (async () => {
      for (; accepted < 20; accepted++) await writer.write(batch);
      await writer.close();
    })();
    await sleep(300);
    expect(accepted).toBeLessThan(2);
    disk.resume();
    await writing;
    expect(accepted).toBe(20);
  });
});

describe('the schema hash', () => {
  const features = featuresOf(EVERY_TYPE_SCHEMA);

  it('covers names, order, roles, kinds and units', () => {
    const hash = schemaHash(features);
    expect(schemaHash(features.toReversed())).not.toBe(hash);
    expect(schemaHash(features.map((f) => ({ ...f, unit: 'ms' })))).not.toBe(hash);
    expect(schemaHash(features.map((f) => ({ ...f, kind: 'count' as const })))).not.toBe(hash);
    expect(schemaHash(features.map((f) => ({ ...f, name: `${f.name}2` })))).not.toBe(hash);
  });

  it('leaves vocabularies and words out', () => {
    const reworded = features.map((f) => ({ ...f, description: 'other words', categories: ['x'], logScale: 3 }));
    expect(schemaHash(reworded)).toBe(schemaHash(features));
  });
});
