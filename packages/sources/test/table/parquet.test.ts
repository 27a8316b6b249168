import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TableSourceSchema, UserError } from '@edgeguard/contracts';
import { SeededRandom } from '@edgeguard/transform';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterEach, describe, expect, it } from 'vitest';
import { inferColumns, TableReader } from '../../src/index.ts';
import { checkPage } from '../../src/table/parquet/check-page.ts';
import { ThriftCut, thriftLength } from '../../src/table/parquet/thrift-length.ts';

const ROWS = 300;
const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}.parquet`, import.meta.url));

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function fileOf(content: string | Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'edgeguard-parquet-'));
  folders.push(folder);
  const path = join(folder, 'x');
  await writeFile(path, content);
  return path;
}

/** Infers what the source does not declare, then reads. */
async function read(source: object, path: string) {
  const config = TableSourceSchema.parse({ kind: 'table', paths: ['x'], ...source });
  const options = { signal: new AbortController().signal };
  const files = [{ path, name: 'x' }];
  const inferred = await inferColumns(config, files, options);
  const reader = new TableReader(inferred.config, options);
  const rows: Record<string, unknown>[] = [];
  for await (const { length, columns } of reader.batches(files)) {
    for (let row = 0; row < length; row++) {
      rows.push(Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[row]])));
    }
  }
  return { columns: inferred.config.columns, notes: inferred.notes, rows, reader };
}

/** The values of `fixtures/make-parquet.py` as a CSV file would have them. */
function asCsv(): string {
  const lines = ['index,duration,rate,packets,bytes,syn,proto,price,start,constant,nothing,class'];
  for (let r = 0; r < ROWS; r++) {
    const start = `2026-03-01T00:00:00.${String(r).padStart(6, '0')}Z`;
    const cells = [r, r * 0.125, r % 7 === 0 ? '' : r % 5, r % 50, (r % 11) * 1e12, r % 3 === 0 ? 1 : 0];
    lines.push([...cells, ['tcp', 'udp', ''][r % 3], r / 4, start, 3.5, '', r < 200 ? 'ok' : 'scan'].join(','));
  }
  return `${lines.join('\n')}\n`;
}

const label = { column: 'class', normal: ['ok'] };
const SOURCE = { label, columns: [{ name: 'start', role: 'time' }] };

describe('a Parquet file', () => {
  it.each(['none', 'snappy', 'gzip', 'brotli', 'zstd', 'lz4', 'version-2', 'encodings'])(
    'gives what the CSV file of the same values gives (%s)',
    async (name) => {
      const csv = await read(SOURCE, await fileOf(asCsv()));
      expect(csv.rows).toHaveLength(ROWS);
      expect(csv.rows[17]).toMatchObject({ rate: 2, bytes: Math.fround(6e12), syn: 0, proto: '', label: 'normal' });
      expect(csv.rows[17]!['start']).toBe(1_772_323_200_000_017_000n);
      const parquet = await read(SOURCE, fixture(name));
      expect(parquet.columns).toEqual(csv.columns);
      expect(parquet.notes).toEqual(csv.notes);
      expect(parquet.rows).toEqual(csv.rows);
    },
  );

  it('names its columns whatever the config says about a header', async () => {
    const source = { header: false, columns: [{ name: 'packets', kind: 'count' }], unlisted: 'ignore' };
    const { rows } = await read(source, fixture('snappy'));
    expect(rows[51]).toEqual({ packets: 1, file: 'x', label: 'normal', attack: '' });
  });

  it('leaves times out that the config does not declare', async () => {
    const { notes } = await read({ label }, fixture('snappy'));
    expect(notes).toContainEqual(expect.stringContaining('column start is left out: it holds times'));
  });

  it('with nested columns is refused by their names, unless they are ignored', async () => {
    await expect(read(SOURCE, fixture('nested'))).rejects.toThrow(
      /nested\.parquet: its column "hosts" is nested; write it as columns of its own, or add it to collect\.source\.ignore/,
    );
    await expect(read({ ...SOURCE, ignore: ['hosts'] }, fixture('nested'))).rejects.toThrow('"peer" is nested');
    const { rows } = await read({ ...SOURCE, ignore: ['hosts', 'peer'] }, fixture('nested'));
    expect(rows).toHaveLength(ROWS);
  });

  it('has malformed rows that are named and counted', async () => {
    const source = { columns: [{ name: 'rate', kind: 'ratio' }], unlisted: 'ignore', maxMalformed: 3 };
    await expect(read(source, fixture('snappy'))).rejects.toThrow(
      'x: row 22: column rate: the cell is empty; that makes 4 malformed rows',
    );
    const { reader } = await read({ ...source, maxMalformed: 100 }, fixture('snappy'));
    expect(reader.malformed.total).toBe(Math.ceil(ROWS / 7));
  });

  it('is read in several row groups and pages of several writers', async () => {
    const numbers = Float64Array.from({ length: 50_000 }, (_, row) => row / 3);
    const texts = Array.from(numbers, (_, row) => `host ${row % 5000}`);
    const bytes = parquetWriteBuffer({
      columnData: [
        { name: 'n', data: numbers, type: 'DOUBLE' },
        { name: 't', data: texts, type: 'STRING' },
      ],
      rowGroupSize: 7000,
      pageSize: 4096,
    });
    const columns = [
      { name: 'n', kind: 'ratio' },
      { name: 't', role: 'identity' },
    ];
    const { rows } = await read({ columns }, await fileOf(new Uint8Array(bytes)));
    expect(rows.map(({ n }) => n)).toEqual(Array.from(numbers, Math.fround));
    expect(rows.map(({ t }) => t)).toEqual(texts);
  });

  it('is read without what is ignored, even where that is damaged', async () => {
    const bytes = await readFile(fixture('none'));
    // The first column comes first.
    bytes.fill(0xff, 4, 1000);
    const path = await fileOf(bytes);
    await expect(read(SOURCE, path)).rejects.toThrow(UserError);
    expect((await read({ ...SOURCE, ignore: ['index'] }, path)).rows).toHaveLength(ROWS);
  });
});

describe('bytes that are not what they say', () => {
  it.each(['none', 'zstd', 'lz4', 'version-2', 'encodings'])('are read or refused in one line (%s)', async (name) => {
    const whole = new Uint8Array(await readFile(fixture(name)));
    const random = new SeededRandom(7);
    let refused = 0;
    for (let round = 0; round < 150; round++) {
      const damaged = Uint8Array.from(whole);
      const last = round % 3 === 0 ? 5000 : whole.length;
      const changes = 1 + random.below(4);
      for (let i = 0; i < changes; i++) {
        // Every third round in the metadata at the end.
        const at = whole.length - 1 - random.below(last);
        damaged[at] = round % 2 === 0 ? random.below(256) : damaged[at]! ^ (1 << random.below(8));
      }
      const path = await fileOf(damaged);
      const outcome: unknown = await read({ ...SOURCE, maxMalformed: 1e6 }, path).then(
        () => 'read',
        (error: unknown) => (error instanceof UserError ? 'refused' : error),
      );
      expect(['read', 'refused'], `round ${round}`).toContain(outcome);
      if (outcome === 'refused') refused++;
    }
    expect(refused).toBeGreaterThan(30);
  });

  it('are refused wherever they are cut', async () => {
    const whole = new Uint8Array(await readFile(fixture('snappy')));
    for (let length = 5; length < whole.length; length += 379) {
      await expect(read(SOURCE, await fileOf(whole.subarray(0, length)))).rejects.toThrow(
        /x: it ends early: its last bytes are no Parquet; fetch or write it again/,
      );
    }
  });

  it('do not make the reader allocate what they claim', async () => {
    // A list of 2^31 elements, and a number that never ends.
    expect(() => thriftLength(Uint8Array.of(0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07, 0), 0)).toThrow(ThriftCut);
    expect(() => thriftLength(new Uint8Array(100).fill(0x85), 0)).toThrow('its metadata is damaged');
    expect(() => thriftLength(new Uint8Array(100).fill(0x1c), 0)).toThrow('nested too deeply');
  });

  it('have no runs longer than their page', () => {
    const element = { name: 'x', type: 'INT32' } as const;
    const column = { name: 'x', element, optional: false, schemaPath: [] };
    const facts = { values: 10, encoding: 'RLE_DICTIONARY', levelBytes: undefined };
    const check = (...bytes: number[]) => checkPage(Uint8Array.from(bytes), facts, column, 1e6);
    expect(() => check(1, 20, 0)).not.toThrow();
    expect(() => check(1, 22, 0)).toThrow('a page has more values than it says');
    expect(() => check(1, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0)).toThrow('a page has more values than it says');
    expect(() => check(0, 0xff, 0xff, 0xff, 0xff, 0x0f, 0)).toThrow('a page has more values than it says');
    expect(() => check(40, 20, 0)).toThrow('indices that are too wide');
  });
});
