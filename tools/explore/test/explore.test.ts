import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatasetSchema } from '@edgeguard/contracts';
import { DatasetWriter } from '@edgeguard/contracts/arrow';
import { SeededRandom } from '@edgeguard/transform';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rankCorrelations } from '../src/profile/correlation.mjs';
import { stabilityIndex } from '../src/profile/drift.mjs';
import { renderProfile } from '../src/profile/page.mjs';
import { driftOf, profileOf } from '../src/profile/profile.mjs';
import { summariseNumbers, summariseTexts } from '../src/profile/statistics.mjs';
import { sampleOf } from '../src/sample.mjs';

const FOLDER = join(import.meta.dirname, '..');
const installed = existsSync(join(FOLDER, 'node_modules', 'danfojs-node'));

const HOSTILE = '<script>alert(1)</script>';
const SCHEMA: DatasetSchema = {
  name: 'explored',
  version: 1,
  columns: [
    { name: 'time', role: 'time', type: 'timestamp' },
    { name: 'host', role: 'identity', type: 'utf8' },
    { name: 'row', role: 'ignore', type: 'float64' },
    { name: HOSTILE, role: 'feature', type: 'float32', kind: 'bytes', unit: 'By' },
    { name: 'state', role: 'feature', type: 'float32', kind: 'category', unit: '1', categories: ['open', 'shut'] },
  ],
};

let folder: string;
let file: string;
let shifted: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edgeguard-explore-'));
  file = await writeRows('train.arrow', 0);
  shifted = await writeRows('test.arrow', 2);
});
afterAll(async () => rm(folder, { recursive: true }));

/** 10,000 rows in three batches; every tenth number is missing. */
async function writeRows(name: string, shift: number): Promise<string> {
  const path = join(folder, name);
  const random = new SeededRandom(7);
  const writer = new DatasetWriter(path, SCHEMA);
  for (let first = 0; first < 10_000; first += 4000) {
    const length = Math.min(4000, 10_000 - first);
    const rows = Array.from({ length }, (_, i) => first + i);
    await writer.write({
      length,
      columns: {
        time: BigInt64Array.from(rows, (row) => BigInt(row) * 1_000_000_000n),
        host: rows.map((row) => (row % 4 === 0 ? '' : `h${row % 4}`)),
        row: Float64Array.from(rows),
        [HOSTILE]: Float32Array.from(rows, (row) => (row % 10 === 0 ? Number.NaN : random.uniform() + shift)),
        state: Float32Array.from(rows, (row) => row % 3),
      },
    });
  }
  await writer.close();
  return path;
}

function numbersOf(sample: Awaited<ReturnType<typeof sampleOf>>, name: string): Float64Array {
  const column = sample.columns.find((kept) => kept.column.name === name)!;
  if (!('numbers' in column)) throw new Error(`${name} is text`);
  return column.numbers;
}

function textsOf(sample: Awaited<ReturnType<typeof sampleOf>>, name: string): string[] {
  const column = sample.columns.find((kept) => kept.column.name === name)!;
  if (!('texts' in column)) throw new Error(`${name} is a number`);
  return column.texts;
}

describe('sampleOf', () => {
  it('keeps an even, repeatable sample in file order, whole rows together', async () => {
    const sample = await sampleOf(file, 500);
    expect([sample.fileRows, sample.rows]).toEqual([10_000, 500]);
    const rows = numbersOf(sample, 'row');
    expect(rows.length).toBe(500);
    expect(new Set(rows).size).toBe(500);
    expect([...rows]).toEqual([...rows].sort((a, b) => a - b));
    // Each tenth of the file has 50 rows on average, with a deviation of 6.9.
    for (let tenth = 0; tenth < 10; tenth++) {
      const found = rows.filter((row) => Math.floor(row / 1000) === tenth).length;
      expect(Math.abs(found - 50)).toBeLessThan(28);
    }
    const [times, hosts, states] = [numbersOf(sample, 'time'), textsOf(sample, 'host'), textsOf(sample, 'state')];
    for (const [i, row] of rows.entries()) {
      expect(times[i]).toBe(row * 1000);
      expect(hosts[i]).toBe(row % 4 === 0 ? '' : `h${row % 4}`);
      expect(states[i]).toBe(['unknown', 'open', 'shut'][row % 3]);
      expect(Number.isNaN(numbersOf(sample, HOSTILE)[i])).toBe(row % 10 === 0);
    }
    expect(numbersOf(await sampleOf(file, 500), 'row')).toEqual(rows);
  });

  it('takes a smaller file whole', async () => {
    const sample = await sampleOf(file, 20_000);
    expect(numbersOf(sample, 'row')).toEqual(Float64Array.from({ length: 10_000 }, (_, row) => row));
  });
});

describe('the figures of a profile', () => {
  it('summarise numbers, missing ones apart', () => {
    const values = Float64Array.from({ length: 125 }, (_, i) => (i < 25 ? Number.NaN : i - 25));
    const summary = summariseNumbers(values);
    expect(summary).toMatchObject({ missing: 0.2, zeros: 1 / 125, distinct: 100 });
    expect(summary.mean).toBeCloseTo(49.5, 10);
    expect(summary.deviation).toBeCloseTo(Math.sqrt((100 ** 2 - 1) / 12), 10);
    expect(summary.quantiles).toEqual([0, 0, 24, 49, 74, 98, 99]);
    expect(summary.histogram.reduce((sum, rows) => sum + rows)).toBe(100);
    expect(summariseNumbers(new Float64Array(3).fill(Number.NaN))).toMatchObject({ missing: 1, quantiles: [] });
  });

  it('summarise texts, empty ones apart', () => {
    expect(summariseTexts(['b', 'a', 'b', ''])).toEqual({
      missing: 0.25,
      distinct: 2,
      top: [
        { value: 'b', share: 0.5 },
        { value: 'a', share: 0.25 },
      ],
    });
  });

  it('find monotone relations, whatever their shape, and no others', () => {
    const random = new SeededRandom(3);
    const a = Float64Array.from({ length: 4000 }, () => random.uniform());
    const b = a.map((value) => -Math.exp(value));
    const c = a.map(() => random.uniform());
    const constant = a.map(() => 1);
    const [of] = rankCorrelations([a, b, c, constant]);
    expect(of![0]).toBeCloseTo(1, 10);
    expect(of![1]).toBeCloseTo(-1, 10);
    expect(Math.abs(of![2]!)).toBeLessThan(0.07);
    expect(of![3]).toBeNaN();
  });

  it('find drift of numbers and texts where there is some', async () => {
    const [train, test] = [await sampleOf(file, 3000), await sampleOf(shifted, 3000)];
    const drift = driftOf([train, test]);
    expect(drift[0]!.column.name).toBe(HOSTILE);
    expect(drift[0]!.index[0]).toBeGreaterThan(1);
    expect(drift.find(({ column }) => column.name === 'state')!.index[0]).toBeLessThan(0.01);
    expect(drift.some(({ column }) => column.name === 'time')).toBe(false);
    const column = { name: 'a', role: 'identity', type: 'utf8' } as const;
    const texts = (value: string) => ({ column, texts: Array.from({ length: 100 }, (_, i) => (i < 50 ? 'x' : value)) });
    expect(stabilityIndex(texts('y'), texts('y'))).toBe(0);
    expect(stabilityIndex(texts('y'), texts('z'))).toBeGreaterThan(1);
  });

  it('stand on a page that loads nothing and runs nothing', async () => {
    const samples = [await sampleOf(file, 1000), await sampleOf(shifted, 1000)];
    const page = renderProfile(
      samples.map((sample, i) => profileOf(['train', 'test'][i]!, sample)),
      driftOf(samples),
    );
    expect(page).not.toMatch(/<script|<link|<img|src=|@import|url\(|https?:/);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).toContain('<h2>Drift from train</h2>');
    expect(page).toContain('10,000');
  });
});

function explore(parameters: readonly string[], input = '') {
  return spawnSync(process.execPath, [join(FOLDER, 'src', 'main.mjs'), ...parameters], { encoding: 'utf8', input });
}

describe('the command', () => {
  it('writes a profile of a folder, train first', async () => {
    const page = join(folder, 'profile.html');
    expect(explore(['--profile', page, '--rows', '200', folder])).toMatchObject({ status: 0, stdout: `${page}\n` });
    expect(await readFile(page, 'utf8')).toContain('<h1>Profile of train, test</h1>');
  });

  it('says what is wrong in one line', async () => {
    await writeFile(join(folder, 'other.csv'), 'a,b\n');
    const page = join(folder, 'page.html');
    const cases: [parameters: string[], status: number, message: RegExp][] = [
      [[], 2, /^explore: no file is named; usage: .*\n$/],
      [['--rows', '0', file], 2, /^explore: --rows 0: not a whole number from 1 to \d+\n$/],
      [['--profile', page, join(folder, 'absent.arrow')], 1, /absent\.arrow: no such file or folder; .*\n$/],
      [['--profile', page, join(folder, 'other.csv')], 1, /other\.csv: it is not an Arrow file; .*\n$/],
      [['--profile', file, file], 1, /train\.arrow: it is one of the files that are read; .*\n$/],
      ...(installed ? [] : [[[file], 1, /^explore: danfojs-node: not installed; .*\n$/] as [string[], number, RegExp]]),
    ];
    for (const [parameters, status, message] of cases) {
      const result = explore(parameters);
      expect(result.status).toBe(status);
      expect(result.stderr).toMatch(message);
      expect(result.stderr.split('\n').length).toBe(2);
    }
    expect(existsSync(page)).toBe(false);
  });

  it.skipIf(!installed)(
    `opens data frames in a REPL${installed ? '' : ' (skipped: danfojs-node is not installed: npm ci --prefix tools/explore)'}`,
    () => {
      const lines = [
        'df.shape',
        'frames.test.column("row").mean()',
        'df.query(df["row"].lt(100)).shape',
        'df.column("time").values[1]',
        '.exit',
      ];
      const { status, stdout } = explore(['--rows', '10000', file, shifted], `${lines.join('\n')}\n`);
      expect(status).toBe(0);
      expect(stdout).toContain('[ 10000, 5 ]');
      expect(stdout).toContain('4999.5');
      expect(stdout).toContain('[ 100, 5 ]');
      expect(stdout).toContain("'1970-01-01T00:00:01.000Z'");
    },
  );
});
