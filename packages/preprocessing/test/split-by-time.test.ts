import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256, sha256OfFile, TransformSchema, readJson } from '@edgeguard/contracts';
import { DatasetReader } from '@edgeguard/contracts/arrow';
import { describe, expect, it } from 'vitest';
import { collected, preprocessed, type Row, runPreprocessing } from './support/pipeline.ts';

/** One normal row a second, in the order of a shuffle by a fixed step: files are in order of emission, not of time. */
function traffic(seconds: number): Row[] {
  return Array.from({ length: seconds }, (_, i) => ({
    time: (i * 7) % seconds,
    bytes: 100 + (i % 50),
    service: i % 3 === 0 ? 'http' : 'dns',
    label: 'normal',
  }));
}

const timesOf = (rows: readonly Row[]): number[] => rows.map(({ time }) => time!);
const shares = { train: 0.5, validation: 0.2, calibration: 0.2, test: 0.1 };

describe('splitting by time', () => {
  it('cuts at shares of the normal rows in order of time and leaves the gaps out', async () => {
    const { splits, manifest } = await preprocessed(traffic(2000), { split: { by: 'time', shares, gapSeconds: 10 } });
    expect(manifest.rows).toEqual({
      'train.arrow': 1000,
      'validation.arrow': 390,
      'calibration.arrow': 390,
      'test.arrow': 190,
    });
    expect(manifest.dropped).toEqual({ gap: 30 });
    expect(Math.max(...timesOf(splits.train))).toBe(999);
    expect(Math.min(...timesOf(splits.validation))).toBe(1010);
    expect(Math.min(...timesOf(splits.calibration))).toBe(1410);
    expect(Math.min(...timesOf(splits.test))).toBe(1810);
  });

  it('is what a config without a word on it means where rows have a time', async () => {
    const silent = await preprocessed(traffic(20_000), {});
    const { splits } = await preprocessed(traffic(20_000), { split: { by: 'time' } });
    expect(silent.splits).toEqual(splits);
    expect(silent.manifest.notes).toEqual(['split by time: the config does not say how']);
  });

  it('keeps rows of a split in file order with every column', async () => {
    const rows = traffic(2000);
    const { splits } = await preprocessed(rows, { split: { by: 'time', shares, gapSeconds: 0 } });
    const expected = rows.filter(({ time }) => time! < 1000).map((row) => ({ ...row, host: '', file: '' }));
    expect(splits.train).toEqual(expected);
  });

  it('trains on normal rows only and counts the rest by reason; test takes all labels', async () => {
    const rows = traffic(2000).map((row): Row => {
      if (row.time! % 100 === 50) return { ...row, label: 'attack' };
      if (row.time! % 100 === 51) return { ...row, label: 'collateral' };
      if (row.time! % 100 === 52) return { ...row, label: 'unknown' };
      if (row.time! % 100 === 53) return { ...row, bytes: row.time! < 1000 ? Number.NaN : Number.POSITIVE_INFINITY };
      return row;
    });
    const { splits, manifest } = await preprocessed(rows, { split: { by: 'time', shares, gapSeconds: 0 } });
    for (const split of ['train', 'validation', 'calibration'] as const) {
      expect(new Set(splits[split].map(({ label }) => label))).toEqual(new Set(['normal']));
    }
    expect(new Set(splits.test.map(({ label }) => label))).toEqual(
      new Set(['normal', 'attack', 'collateral', 'unknown']),
    );
    expect(manifest.dropped).toEqual({
      'attack rows in train period': 10,
      'collateral rows in train period': 10,
      'unknown rows in train period': 10,
      'attack rows in validation period': 4,
      'collateral rows in validation period': 4,
      'unknown rows in validation period': 4,
      'attack rows in calibration period': 4,
      'collateral rows in calibration period': 4,
      'unknown rows in calibration period': 4,
      'non-finite': 20,
    });
    const kept = Object.values(manifest.rows).reduce((a, b) => a + b, 0);
    const dropped = Object.values(manifest.dropped).reduce((a, b) => a + b, 0);
    expect(kept + dropped).toBe(rows.length);
  });

  it('moves no border for a flood of attack rows at the end', async () => {
    const flood = Array.from({ length: 5000 }, (_, i): Row => ({ time: 1950 + i / 1000, bytes: 1, label: 'attack' }));
    const { splits } = await preprocessed([...traffic(2000), ...flood], {
      split: { by: 'time', shares, gapSeconds: 0 },
    });
    expect(splits.train).toHaveLength(1000);
    expect(splits.test).toHaveLength(200 + 5000);
  });

  it('fits the transform on train and binds it to that split; schema metadata stay', async () => {
    const { location } = await preprocessed(traffic(2000), { split: { by: 'time', shares, gapSeconds: 0 } });
    const folder = join(location.artifacts, 'preprocess');
    const transform = await readJson(join(folder, 'transform.json'), TransformSchema);
    expect(transform.splits).toEqual({ train: await sha256OfFile(join(folder, 'train.arrow')) });
    expect(transform.vocabularies).toEqual({ service: ['dns', 'http'] });
    expect(transform.schema).toMatchObject({ name: 'sample', version: 2 });
    for (const split of ['train', 'validation', 'calibration', 'test']) {
      const reader = await DatasetReader.open(join(folder, `${split}.arrow`));
      expect(reader.metadata.get('edgeguard.metering')).toBe('{"idleTimeoutSeconds":120}');
      await reader.close();
    }
  });

  it('gives the same bytes again', async () => {
    const digests: string[] = [];
    for (const _ of [1, 2]) {
      const { location } = await preprocessed(traffic(2000), { split: { by: 'time', shares, gapSeconds: 5 } });
      digests.push(sha256(await readFile(join(location.artifacts, 'preprocess', 'digest.json'))));
    }
    expect(digests[0]).toBe(digests[1]);
  });

  it.each([
    [
      'without a time column',
      Array.from({ length: 10 }, (): Row => ({ bytes: 1, label: 'normal' })),
      /flows\.arrow: it has no time column to split by; set preprocess\.split\.by to "random" or "file"/,
    ],
    [
      'when the gap swallows a split',
      traffic(2000),
      /the validation split has 0 normal rows and needs 100 \(left out: 1000 gap\); .*gapSeconds smaller/,
    ],
    [
      'of unlabelled rows',
      traffic(2000).map((row): Row => ({ ...row, label: 'unknown' })),
      /no row is normal, and only normal rows train; label the source, or say that it is normal/,
    ],
    [
      'of a label that is none',
      traffic(2000).map((row): Row => ({ ...row, label: 'benign' })),
      /has the label "benign"; label rows normal, attack, collateral, unknown/,
    ],
  ])('is refused %s', async (_, rows, message) => {
    const location = await collected(rows, { split: { by: 'time', shares } });
    await expect(runPreprocessing(location)).rejects.toThrow(message);
  });
});
