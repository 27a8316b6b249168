import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type TableSourceConfig, TableSourceSchema, UserError } from '@edgeguard/contracts';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { TableReader, tableSchema } from '../../src/index.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

function config(source: object): TableSourceConfig {
  return TableSourceSchema.parse({ kind: 'table', paths: ['x'], ...source });
}

interface Read {
  readonly reader: TableReader;
  readonly rows: Record<string, unknown>[];
}

/** Writes files and reads them as one table. */
async function read(source: TableSourceConfig, files: Record<string, string | Uint8Array>): Promise<Read> {
  const folder = await mkdtemp(join(tmpdir(), 'edgeguard-table-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const reader = new TableReader(source, { signal: new AbortController().signal });
  const rows: Record<string, unknown>[] = [];
  const named = Object.keys(files).map((name) => ({ name, path: join(folder, name) }));
  for await (const { length, columns } of reader.batches(named)) {
    for (let row = 0; row < length; row++) {
      rows.push(Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[row]])));
    }
  }
  return { reader, rows };
}

const FLOWS = config({
  columns: [
    { name: 'id', role: 'ignore' },
    { name: 'host', role: 'identity' },
    { name: 'bytes', kind: 'bytes' },
    { name: 'service', kind: 'category' },
    { name: 'encrypted', kind: 'flag' },
    { name: 'started', role: 'time', format: 'seconds' },
  ],
  label: { column: 'class', normal: ['benign', 'background'], unknown: ['?'], attackColumn: 'family' },
});

const HEADER = 'class,id,started,host,bytes,service,encrypted,family';

describe('a table with a header', () => {
  it('finds its columns by name, in any order, and says what each row is', async () => {
    const { rows } = await read(FLOWS, {
      'a.csv': `${HEADER}
benign,1,1.5,10.0.0.1,100,dns,true,
background,2,2.000000001,10.0.0.2,2e3,,0,
dos,3,3,"10.0.0.3, or so", .5 ,http,no,neptune
scan,4,4,10.0.0.4,NaN,http,1,
?,5,5,10.0.0.5,-inf,http,1,x
`,
    });
    const file = 'a.csv';
    expect(rows).toEqual([
      {
        host: '10.0.0.1',
        bytes: 100,
        service: 'dns',
        encrypted: 1,
        started: 1_500_000_000n,
        file,
        label: 'normal',
        attack: '',
      },
      {
        host: '10.0.0.2',
        bytes: 2000,
        service: '',
        encrypted: 0,
        started: 2_000_000_001n,
        file,
        label: 'normal',
        attack: '',
      },
      {
        host: '10.0.0.3, or so',
        bytes: 0.5,
        service: 'http',
        encrypted: 0,
        started: 3_000_000_000n,
        file,
        label: 'attack',
        attack: 'neptune',
      },
      {
        host: '10.0.0.4',
        bytes: Number.NaN,
        service: 'http',
        encrypted: 1,
        started: 4_000_000_000n,
        file,
        label: 'attack',
        attack: 'scan',
      },
      {
        host: '10.0.0.5',
        bytes: Number.NEGATIVE_INFINITY,
        service: 'http',
        encrypted: 1,
        started: 5_000_000_000n,
        file,
        label: 'unknown',
        attack: '',
      },
    ]);
  });

  it('gives a dataset of the kept columns with their kinds and units', () => {
    expect(tableSchema(FLOWS).columns).toEqual([
      { name: 'host', role: 'identity', type: 'utf8' },
      { name: 'bytes', role: 'feature', type: 'float32', kind: 'bytes', unit: 'By' },
      { name: 'service', role: 'feature', type: 'utf8', kind: 'category', unit: '1' },
      { name: 'encrypted', role: 'feature', type: 'float32', kind: 'flag', unit: '1' },
      { name: 'started', role: 'time', type: 'timestamp' },
      { name: 'file', role: 'split', type: 'utf8' },
      { name: 'label', role: 'label', type: 'utf8' },
      { name: 'attack', role: 'label', type: 'utf8' },
    ]);
  });

  it('may be several files, one of them without labels: that one holds normal rows', async () => {
    const { rows, reader } = await read(FLOWS, {
      'train.csv': 'id,started,host,bytes,service,encrypted\n1,1,a,1,dns,0\n',
      'test.csv': `${HEADER}\ndos,2,1,a,1,dns,0,\n`,
    });
    expect(rows.map(({ file, label }) => [file, label])).toEqual([
      ['train.csv', 'normal'],
      ['test.csv', 'attack'],
    ]);
    expect(reader.filesWithoutLabel).toEqual(['train.csv']);
  });

  it.each([
    ['class,id,started,host,bytez,service,encrypted,family', 'the config does not list its column "bytez"'],
    [
      'class,id,started,host,service,encrypted,family',
      'a.csv: it has no column "bytes"; correct collect.source.columns',
    ],
    ['class,id,id,host,bytes,service,encrypted,family', 'the config does not list its column "id (2)"'],
    ['id,started,host,bytes,service,encrypted', 'no file has a column "class"; correct it, or leave'],
  ])('is refused with the header %s', async (header, message) => {
    await expect(read(FLOWS, { 'a.csv': `${header}\n` })).rejects.toThrow(UserError);
    await expect(read(FLOWS, { 'a.csv': `${header}\n` })).rejects.toThrow(message);
  });

  it('may have columns that nobody lists where the config says so', async () => {
    const { rows } = await read(
      { ...FLOWS, unlisted: 'ignore' },
      { 'a.csv': `${HEADER},more\nbenign,1,1,a,1,dns,0,,x\n` },
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]).not.toHaveProperty('more');
  });
});

const PLAIN = config({
  header: false,
  columns: [
    { name: 'bytes', kind: 'bytes' },
    { name: 'label', role: 'ignore' },
  ],
  label: { column: 'label', normal: ['normal'] },
  maxMalformed: 3,
});

describe('a table without a header', () => {
  it('has the columns in the order of the config', async () => {
    const { rows } = await read(PLAIN, { 'a.txt': '7,normal\n8,smurf\n' });
    expect(rows).toEqual([
      { bytes: 7, file: 'a.txt', label: 'normal', attack: '' },
      { bytes: 8, file: 'a.txt', label: 'attack', attack: 'smurf' },
    ]);
  });

  it('is read the same with other line ends, a byte order mark, quotes, or packed', async () => {
    const plain = '7,normal\n8,smurf\n';
    const expected = (await read(PLAIN, { x: plain })).rows;
    for (const content of [
      plain.trimEnd(),
      plain.replaceAll('\n', '\r\n'),
      `\uFEFF${plain}`,
      '"7","normal"\n\n 8 ,smurf\n',
      gzipSync(plain),
      Buffer.concat([gzipSync('7,normal\n'), gzipSync('8,smurf\n')]),
    ]) {
      expect((await read(PLAIN, { x: content })).rows).toEqual(expected);
    }
  });

  it('leaves malformed rows out, counts them by reason and names them', async () => {
    const { rows, reader } = await read(PLAIN, { 'a.txt': '1,normal\n2\n3,normal,extra\nmany,normal\n5,normal\n' });
    expect(rows.map(({ bytes }) => bytes)).toEqual([1, 5]);
    expect(Object.fromEntries(reader.malformed.counts)).toEqual({
      'another number of cells': 2,
      'no value in column bytes': 1,
    });
    expect(reader.malformed.named).toEqual([
      'a.txt: line 2: 1 cells where 2 are expected',
      'a.txt: line 3: 3 cells where 2 are expected',
      'a.txt: line 4: column bytes: "many" is not a number',
    ]);
  });

  it('is refused when too many rows are malformed', async () => {
    await expect(read(PLAIN, { 'a.txt': 'x,normal\n'.repeat(5) })).rejects.toThrow(
      'a.txt: line 4: column bytes: "x" is not a number; that makes 4 malformed rows; correct collect.source',
    );
  });

  it('counts a quote out of place as one malformed row', async () => {
    const { rows, reader } = await read(PLAIN, { 'a.txt': '1,normal\n2,no"rm"al\n3,normal\n' });
    expect(rows.map(({ bytes }) => bytes)).toEqual([1, 3]);
    expect(Object.fromEntries(reader.malformed.counts)).toEqual({ 'a quote is out of place': 1 });
  });

  it('does not let a quote that is never closed swallow memory', async () => {
    const content = `1,normal\n"2,normal\n${'3,normal\n'.repeat(1_000_000)}`;
    await expect(read(PLAIN, { 'a.txt': content })).rejects.toThrow(
      /a\.txt: line \d+: a row is longer than 1048576 characters; look for a quote that is not closed/,
    );
  });

  it('is refused when it is empty, cut off, damaged, missing or a folder', async () => {
    const lines = Array.from({ length: 10_000 }, (_, row) => `${Math.sin(row)},normal\n`);
    const packed = gzipSync(lines.join(''));
    await expect(read(PLAIN, { 'a.txt': '' })).rejects.toThrow(/a\.txt: it is empty/);
    await expect(read(PLAIN, { x: packed.subarray(0, packed.length / 2) })).rejects.toThrow(
      'the compressed file ends early',
    );
    const damaged = Buffer.from(packed);
    damaged.fill(0, 1000, 1100);
    await expect(read(PLAIN, { x: damaged })).rejects.toThrow('the compressed data is damaged');
    const reader = new TableReader(PLAIN, { signal: new AbortController().signal });
    const first = (path: string) => reader.batches([{ path, name: 'x' }]).next();
    await expect(first('/nowhere/x.csv')).rejects.toThrow('/nowhere/x.csv: no such file or folder');
    await expect(first(tmpdir())).rejects.toThrow('it is a folder');
  });

  it('refuses a label column that is not listed', async () => {
    const source = config({ ...PLAIN, label: { column: 'class', normal: ['normal'] } });
    await expect(read(source, { x: '1,normal\n' })).rejects.toThrow('collect.source.columns has no "class"');
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    const folder = await mkdtemp(join(tmpdir(), 'edgeguard-table-'));
    folders.push(folder);
    const path = join(folder, 'a.txt');
    await writeFile(path, '7,normal\n'.repeat(200_000));
    const batches = new TableReader(PLAIN, { signal: controller.signal }).batches([{ path, name: 'a' }]);
    expect((await batches.next()).done).toBe(false);
    controller.abort(new Error('that is enough'));
    const rest = (async () => {
      let count = 0;
      for await (const batch of batches) count += batch.length;
      return count;
    })();
    await expect(rest).rejects.toThrow('that is enough');
  });
});

describe('any text', () => {
  it('is read or refused in one line', async () => {
    const cell = fc.oneof(fc.string(), fc.constantFrom('"', ',', '\n', '\r\n', '1', 'normal', '\0', '\uFEFF', '""'));
    await fc.assert(
      fc.asyncProperty(fc.array(cell, { maxLength: 30 }), async (cells) => {
        const outcome = await read(PLAIN, { x: cells.join('') }).then(
          () => 'read',
          (error: unknown) => (error instanceof UserError ? 'refused' : error),
        );
        expect(['read', 'refused']).toContain(outcome);
      }),
      { numRuns: 200 },
    );
  });
});
