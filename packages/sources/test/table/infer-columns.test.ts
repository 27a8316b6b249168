import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TableSourceSchema } from '@edgeguard/contracts';
import { SeededRandom } from '@edgeguard/transform';
import { afterEach, describe, expect, it } from 'vitest';
import { inferColumns, TableReader } from '../../src/index.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function infer(source: object, ...contents: string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'edgeguard-infer-'));
  folders.push(folder);
  const files = contents.map((_, i) => ({ path: join(folder, `${i}.csv`), name: `${i}.csv` }));
  for (const [i, content] of contents.entries()) await writeFile(files[i]!.path, content);
  const config = TableSourceSchema.parse({ kind: 'table', paths: ['x'], ...source });
  const options = { signal: new AbortController().signal };
  const inferred = await inferColumns(config, files, options);
  const reader = new TableReader(inferred.config, options);
  const batches: Record<string, unknown[]>[] = [];
  for await (const { length, columns } of reader.batches(files)) {
    batches.push(Object.fromEntries(Object.entries(columns).map(([name, v]) => [name, [...v].slice(0, length)])));
  }
  return { ...inferred, reader, batches };
}

const label = { column: 'class', normal: ['ok'] };
const kindsOf = (columns: readonly { name: string; role: string; kind?: string | undefined }[]) =>
  Object.fromEntries(columns.map(({ name, role, kind }) => [name, role === 'feature' ? kind : role]));

/** Rows of a table; cell functions get the row's number. */
function table(rows: number, columns: Record<string, (row: number) => string | number>): string {
  const names = Object.keys(columns);
  const line = (row: number) => names.map((name) => columns[name]!(row)).join(',');
  return `${names.join(',')}\n${Array.from({ length: rows }, (_, row) => line(row)).join('\n')}\n`;
}

describe('columns that the config does not declare', () => {
  const content = table(60, {
    '': (row) => row,
    'flow.count': (row) => (row * 7) % 13,
    'SYN flag': (row) => row % 2,
    'err/rate': (row) => ((row * 3) % 10) / 10,
    change: (row) => (row % 5) - 2.5,
    seconds: (row) => (row % 4 === 3 ? 12.5 : 0.001 * (row % 4)),
    'bytes/s': (row) => 100.5 * ((row * 7) % 11),
    service: (row) => (row % 3 === 0 ? '-' : 'dns'),
    gap: (row) => (row % 6 === 0 ? 'Infinity' : (row * 5) % 9),
    host: (row) => `h${row}`,
    empty: () => '',
    class: (row) => (row < 40 ? 'bad' : 'ok'),
  });

  it('get their kinds from their values', async () => {
    const { config, notes, batches } = await infer({ label }, content);
    expect(kindsOf(config.columns)).toEqual({
      'column 1': 'ignore',
      'flow.count': 'count',
      'SYN flag': 'flag',
      'err/rate': 'ratio',
      change: 'ratio',
      seconds: 'ratio',
      'bytes/s': 'ratio',
      service: 'category',
      gap: 'count',
      host: 'category',
      empty: 'ignore',
    });
    const scales = Object.fromEntries(config.columns.map(({ name, logScale }) => [name, logScale]));
    expect(scales).toMatchObject({ 'err/rate': undefined, change: undefined, seconds: 0.001, 'bytes/s': 1 });
    expect(notes).toEqual([
      expect.stringContaining('column 1 is left out: it rises with every row'),
      'column gap: 10 missing values are taken as 0',
      expect.stringContaining('column empty is left out: it has no values'),
    ]);
    expect(batches[0]!['gap']!.slice(0, 2)).toEqual([0, 5]);
    expect(batches[0]!['label']!.slice(39, 41)).toEqual(['attack', 'normal']);
  });

  it('are logarithmic from where few positive values lie below', async () => {
    const random = new SeededRandom(11);
    const spread = (from: number, to: number) => () => 10 ** (from + (to - from) * random.uniform());
    const { config } = await infer(
      { label },
      table(2000, {
        microseconds: spread(-6, 2),
        milliseconds: spread(-3, 1),
        bytes: spread(1, 7),
        // Within 0..1, but no shares: linear, most of them would be one.
        gap: spread(-6, -0.1),
        share: spread(-2, 0),
        // Rounded to steps: below ten of them rounding decides.
        rounded: () => (0.0843 * random.below(5000)).toFixed(4),
        class: () => 'ok',
      }),
    );
    expect(config.columns.map(({ name, kind, logScale }) => [name, kind, logScale])).toEqual([
      ['microseconds', 'ratio', 1e-6],
      ['milliseconds', 'ratio', 1e-3],
      ['bytes', 'ratio', 1],
      ['gap', 'ratio', 1e-6],
      ['share', 'ratio', undefined],
      ['rounded', 'ratio', 1],
    ]);
  });

  it('that are times are left out', async () => {
    const { notes } = await infer({ label }, 'a,t,class\n1.5,2026-03-01T10:00:00Z,ok\n2.5,,ok\n');
    expect(notes).toEqual([expect.stringContaining('column t is left out: it holds times')]);
  });

  it('are measured on normal rows alone', async () => {
    const rows = (attack: string) => `x,s,class\n${`${attack},evil,bad\n`.repeat(500)}${'1,a,ok\n0,b,ok\n'.repeat(30)}`;
    const plain = await infer({ label }, rows('1'));
    const wild = await infer({ label }, rows('-99999.5'));
    expect(kindsOf(plain.config.columns)).toEqual({ x: 'flag', s: 'category' });
    expect(wild.config).toEqual(plain.config);
  });

  it('may hold a stray word: that row is malformed, the column stays a number', async () => {
    const { config, reader } = await infer({ label }, `x,class\n${'3,ok\n'.repeat(2000)}word,bad\n`);
    expect(kindsOf(config.columns)).toEqual({ x: 'count' });
    expect(reader.malformed.named).toEqual(['0.csv: line 2002: column x: "word" is not a number']);
  });

  it('are left out by name or pattern, and keep what the config declares', async () => {
    const source = { label, ignore: ['*_port', 'n.*'], columns: [{ name: 'b', kind: 'bytes' }, { name: 'c' }] };
    const { config } = await infer(source, 'b,c,s_port,d_port,n.1,nx,class\n1,2,3,4,5,6,ok\n');
    expect(kindsOf(config.columns)).toEqual({ b: 'bytes', c: 'count', nx: 'count' });
  });

  it('that number the rows are left out, also where they start again, or are in disorder and without a name', async () => {
    const content = table(400, {
      '': (row) => (row * 37) % 400,
      'Unnamed: 0': (row) => (row * 53) % 400,
      no: (row) => row % 100,
      gaps: (row) => 3 * (row % 200),
      'disorder of some name': (row) => (row * 37) % 400,
      'rises by fractions': (row) => (row % 200) / 7,
      often: (row) => row % 20,
      class: () => 'ok',
    });
    const { config, notes } = await infer({ label }, content);
    expect(kindsOf(config.columns)).toEqual({
      'column 1': 'ignore',
      'Unnamed: 0': 'ignore',
      no: 'ignore',
      gaps: 'ignore',
      'disorder of some name': 'count',
      'rises by fractions': 'ratio',
      often: 'count',
    });
    expect(notes).toContain(
      'column 1 is left out: it holds whole numbers and has no name, as an index; declare it in collect.source.columns to keep it',
    );
    const kept = await infer({ label, columns: [{ name: 'no' }, { name: 'column 1' }] }, content);
    expect(kindsOf(kept.config.columns)).toMatchObject({ no: 'count', 'column 1': 'count' });
  });

  it('that share a name are told apart', async () => {
    const { config } = await infer({ label }, 'len,len,class\n1,0.5,ok\n2,0.5,ok\n');
    expect(kindsOf(config.columns)).toEqual({ len: 'count', 'len (2)': 'ratio' });
    const declared = { label, columns: [{ name: 'len', kind: 'bytes' }] };
    await expect(infer(declared, 'len,len,class\n1,2,ok\n')).rejects.toThrow('0.csv: two columns are named "len"');
  });

  it('that are texts of very many values are left out', async () => {
    const { config, notes } = await infer(
      { label },
      table(1200, { uid: (row) => `u${row}`, class: () => 'ok', n: () => 1 }),
    );
    expect(kindsOf(config.columns)).toEqual({ uid: 'ignore', n: 'flag' });
    expect(notes[0]).toContain('it holds text of more than 1000 values');
  });

  it('may be thousands', async () => {
    const names = Array.from({ length: 3000 }, (_, i) => `f${i}`);
    const line = names.map((_, i) => i % 2).join(',');
    const { config, batches } = await infer({ label }, `${names.join(',')},class\n${`${line},ok\n`.repeat(5)}`);
    expect(config.columns).toHaveLength(3000);
    expect(batches[0]!['f2999']).toEqual([1, 1, 1, 1, 1]);
  });

  it('name a pattern that matches nothing', async () => {
    await expect(infer({ label, ignore: ['prot'] }, 'a,class\n1,ok\n')).rejects.toThrow(
      'collect.source.ignore: no column is named "prot"; there are a, class',
    );
  });
});
