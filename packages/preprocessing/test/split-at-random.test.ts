import { describe, expect, it } from 'vitest';
import { collected, preprocessed, type Row, runPreprocessing } from './support/pipeline.ts';

const split = { by: 'random' };
const key = ({ bytes, service }: Row): string => `${bytes} ${service}`;

/** 4000 normal rows of which every fourth repeats an earlier one, then attack rows, some of which look normal. */
const rows: Row[] = [
  ...Array.from({ length: 4000 }, (_, i): Row => ({
    bytes: i % 4 === 3 ? i % 200 : i + 10_000,
    service: i % 2 === 0 ? 'dns' : 'http',
    file: i < 3000 ? 'train.csv' : 'test.csv',
    label: 'normal',
  })),
  ...Array.from({ length: 500 }, (_, i): Row => ({ bytes: i, service: 'http', file: 'test.csv', label: 'attack' })),
];

describe('splitting at random', () => {
  it('leaves out normal rows that would appear in two splits, and counts them', async () => {
    const { splits, manifest } = await preprocessed(rows, { split });
    const seenIn = new Map<string, Set<string>>();
    for (const [name, members] of Object.entries(splits)) {
      for (const row of members.filter(({ label }) => label === 'normal')) {
        seenIn.set(key(row), (seenIn.get(key(row)) ?? new Set()).add(name));
      }
    }
    expect(Math.max(...[...seenIn.values()].map((names) => names.size))).toBe(1);
    const kept = Object.values(splits).flat().length;
    expect(manifest.dropped).toEqual({ duplicate: rows.length - kept });
    // 1000 rows share 50 values; most are drawn for another split than the first of their value.
    expect(manifest.dropped['duplicate']).toBeGreaterThan(500);
    expect(manifest.dropped['duplicate']).toBeLessThan(950);
    expect(Math.abs(splits.train.length / (kept - 500) - 0.5)).toBeLessThan(0.05);
  });

  it('is what a config without a word on it means where rows have no time', async () => {
    const silent = await preprocessed(rows, {});
    expect(silent.splits).toEqual((await preprocessed(rows, { split })).splits);
    expect(silent.manifest.notes).toEqual(['split by random: the config does not say how']);
  });

  it('sends every row that is not normal to test', async () => {
    const { splits } = await preprocessed(rows, { split });
    expect(splits.test.filter(({ label }) => label === 'attack')).toHaveLength(500);
    for (const name of ['train', 'validation', 'calibration'] as const) {
      expect(splits[name].every(({ label }) => label === 'normal')).toBe(true);
    }
  });

  it('takes test files whole and keeps what they repeat out of the others', async () => {
    const { splits } = await preprocessed(rows, { split: { ...split, test: ['test.csv'] } });
    const strip = ({ bytes, service, label }: Row) => ({ bytes, service, label });
    expect(splits.test.map(strip)).toEqual(rows.filter(({ file }) => file === 'test.csv').map(strip));
    const inTest = new Set(splits.test.filter(({ label }) => label === 'normal').map(key));
    const others = [...splits.train, ...splits.validation, ...splits.calibration];
    expect(others.filter((row) => inTest.has(key(row)))).toEqual([]);
    // A normal row that looks like an attack row of the test file stays: leaving it out would use a test label.
    const attacks = new Set(splits.test.filter(({ label }) => label === 'attack').map(key));
    const looksLikeAttack = rows.filter(
      (row) => row.file === 'train.csv' && attacks.has(key(row)) && !inTest.has(key(row)),
    );
    const distinct = new Set(looksLikeAttack.map(key));
    expect(new Set(others.filter((row) => distinct.has(key(row))).map(key))).toEqual(distinct);
  });

  it('tests on test files alone: attack rows of other files are left out, and counted', async () => {
    const foreign = Array.from({ length: 70 }, (_, i): Row => ({
      bytes: 5 * i,
      service: 'dns',
      file: 'train.csv',
      label: 'attack',
    }));
    const { splits, manifest } = await preprocessed([...foreign, ...rows], { split: { ...split, test: ['test.csv'] } });
    expect(new Set(splits.test.map(({ file }) => file))).toEqual(new Set(['test.csv']));
    expect(manifest.dropped['attack rows in train files']).toBe(70);
  });

  it('draws by the seed', async () => {
    const first = await preprocessed(rows, { split }, 1);
    expect((await preprocessed(rows, { split }, 1)).manifest.outputs).toEqual(first.manifest.outputs);
    expect((await preprocessed(rows, { split }, 2)).manifest.outputs).not.toEqual(first.manifest.outputs);
  });

  it('is refused where rows have a time', async () => {
    const location = await collected(
      rows.map((row, time) => ({ ...row, time })),
      { split },
    );
    await expect(runPreprocessing(location)).rejects.toThrow(
      'rows with a time (column time) cannot be split at random: neighbours in time resemble each other; set',
    );
  });
});
