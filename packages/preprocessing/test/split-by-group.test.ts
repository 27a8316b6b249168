import { describe, expect, it } from 'vitest';
import { collected, preprocessed, type Row, runPreprocessing } from './support/pipeline.ts';

/** Files of very different sizes, with a few attack rows in some. */
const rows: Row[] = Array.from({ length: 40 }, (_, file) =>
  Array.from({ length: 20 + 10 * file }, (__, i): Row => ({
    time: file * 10_000 + i,
    host: `10.0.0.${file % 13}`,
    file: `captures/${file}.pcap`,
    bytes: 10 * file + i,
    label: file === 7 || (file % 10 === 3 && i < 5) ? 'attack' : 'normal',
  })),
).flat();

const filesOf = (split: readonly Row[]): Set<string> => new Set(split.map(({ file }) => file!));
const normal = (split: readonly Row[]): number => split.filter(({ label }) => label === 'normal').length;

describe('splitting by file', () => {
  it('keeps the rows of a file together and comes near the shares', async () => {
    const { splits, manifest } = await preprocessed(rows, { split: { by: 'file' } });
    const files = Object.values(splits).flatMap((split) => [...filesOf(split)]);
    expect(files).toHaveLength(40);
    expect(new Set(files).size).toBe(40);
    const total = normal(rows);
    for (const [split, share] of [
      ['train', 0.5],
      ['validation', 0.15],
      ['calibration', 0.15],
      ['test', 0.2],
    ] as const) {
      expect(Math.abs(normal(splits[split]) / total - share)).toBeLessThan(0.02);
    }
    expect(filesOf(splits.test)).toContain('captures/7.pcap');
    expect(Object.keys(manifest.dropped).every((reason) => /^attack rows in \w+ files$/.test(reason))).toBe(true);
  });

  it('draws by the seed', async () => {
    const first = await preprocessed(rows, { split: { by: 'file' } }, 1);
    const again = await preprocessed(rows, { split: { by: 'file' } }, 1);
    const other = await preprocessed(rows, { split: { by: 'file' } }, 2);
    expect(again.manifest.outputs).toEqual(first.manifest.outputs);
    expect(filesOf(other.splits.test)).not.toEqual(filesOf(first.splits.test));
  });

  it('takes the test files that are named, and only them', async () => {
    const test = ['captures/3.pcap', 'captures/39.pcap'];
    const { splits, manifest } = await preprocessed(rows, { split: { by: 'file', test } });
    expect(filesOf(splits.test)).toEqual(new Set(test));
    // File 7 holds attack rows only, and is no test file.
    expect(manifest.dropped['attack rows in train files']).toBeGreaterThanOrEqual(90);
    expect(normal(splits.train) / (normal(rows) - normal(splits.test))).toBeCloseTo(0.5 / 0.8, 1);
  });

  it('says that more files are needed where there are too few for all splits', async () => {
    const location = await collected(
      rows.map((row) => ({ ...row, file: 'one.pcap' })),
      { split: { by: 'file' } },
    );
    await expect(runPreprocessing(location)).rejects.toThrow(
      /the validation split has 0 normal rows .*; give more files with normal rows \(those of one stay together\), or split/,
    );
  });

  it('refuses a test file that no row comes from', async () => {
    const location = await collected(rows, { split: { by: 'file', test: ['3.pcap'] } });
    await expect(runPreprocessing(location)).rejects.toThrow(
      'no row comes from the test file "3.pcap"; name files of: captures/0.pcap',
    );
  });
});

describe('splitting by group', () => {
  it('puts each value of an identity column into one split', async () => {
    const { splits } = await preprocessed(rows, { split: { by: 'group', column: 'host' } });
    const hosts = Object.values(splits).flatMap((split) => [...new Set(split.map(({ host }) => host!))]);
    expect(hosts).toHaveLength(13);
    expect(new Set(hosts).size).toBe(13);
  });

  it('refuses a column that is no identity', async () => {
    const location = await collected(rows, { split: { by: 'group', column: 'bytes' } });
    await expect(runPreprocessing(location)).rejects.toThrow(
      'no identity or split column "bytes" to split by; set preprocess.split.column to one of: host, capture',
    );
  });
});
