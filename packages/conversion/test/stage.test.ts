import { existsSync } from 'node:fs';
import { copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readJson, sha256, UserError } from '@edgeguard/contracts';
import { DatasetWriter } from '@edgeguard/contracts/arrow';
import { createLogger, runStage } from '@edgeguard/contracts/stage';
import { openDetector } from '@edgeguard/detection';
import { conversionStage, VERIFICATION_FILE, VerificationSchema } from '../src/index.ts';
import { type Fixture, makeFixture } from './support/fixture.ts';
import { PlainDetector } from '../src/source/plain-detector.ts';
import { sourceModel } from './support/parts.ts';
import { trafficRows } from './support/traffic.ts';

const SILENT = createLogger('convert', 'silent');

async function convert(fixture: Fixture): Promise<string> {
  await runStage(conversionStage, fixture, new AbortController().signal, SILENT);
  return join(fixture.artifacts, 'convert');
}

describe('the stage convert', () => {
  let fixture: Fixture;
  let output: string;

  beforeAll(async () => {
    fixture = await makeFixture();
    output = await convert(fixture);
  });
  afterAll(() => rm(fixture.root, { recursive: true }));

  it('writes a detector for each precision, verified on every engine', async () => {
    expect((await readdir(output)).sort()).toEqual([
      'detector.float32.tflite',
      'detector.int8.tflite',
      'digest.json',
      'manifest.json',
      'verification.json',
    ]);
    const verification = await readJson(join(output, VERIFICATION_FILE), VerificationSchema);
    expect(verification.artifacts.map(({ precision, passed }) => [precision, passed])).toEqual([
      ['float32', true],
      ['int8', true],
    ]);
    for (const { file, sha256: digest, engines, checks } of verification.artifacts) {
      expect(digest).toBe(sha256(await readFile(join(output, file))));
      expect(engines.map(({ name, available }) => [name, available])).toEqual([
        ['reference', true],
        ['native', true],
        ['wasm', true],
      ]);
      expect(checks.length).toBeGreaterThan(8);
    }
  });

  it('gives detectors that score as the source does, and alert on as many calibration rows as promised', async () => {
    const model = await sourceModel(fixture);
    const plain = new PlainDetector(fixture.transform, fixture.scorer);
    const reconstruct = (...values: Parameters<typeof model.reconstruct>): void => model.reconstruct(...values);
    const wanted = plain.evaluate(fixture.calibration, fixture.calibrationCount, reconstruct).score;
    for (const engine of ['native', 'wasm', 'reference'] as const) {
      const detector = await openDetector(join(output, 'detector.float32.tflite'), { engine });
      const scores = new Float32Array(fixture.calibrationCount);
      detector.score(fixture.calibration, fixture.calibrationCount, scores);
      const worst = scores.reduce((w, s, i) => Math.max(w, Math.abs(s - wanted[i]!) / wanted[i]!), 0);
      expect(worst).toBeLessThan(1e-5);
      const { threshold, metering, provenance, name } = detector.document;
      // The row whose score is the threshold may lie either side of it by rounding alone.
      const above = scores.filter((score) => score > threshold.value * (1 + 1e-5));
      expect(above).toHaveLength(threshold.rank - 1);
      expect(threshold).toMatchObject({ rows: fixture.calibrationCount, falseAlarmRate: 0.01, confidence: 0.95 });
      expect(metering?.idleTimeoutSeconds).toBe(77);
      expect(Object.keys(provenance.splits).sort()).toEqual(['calibration', 'train', 'validation']);
      expect(name).toBe('small');
      detector.dispose();
    }
  });

  it('sets the threshold of each artifact on its own scores', async () => {
    const [float, int8] = await Promise.all(
      ['float32', 'int8'].map((precision) =>
        openDetector(join(output, `detector.${precision}.tflite`), { engine: 'reference' }),
      ),
    );
    expect(int8!.document.threshold.value).not.toBe(float!.document.threshold.value);
    expect(int8!.modelDigest).not.toBe(float!.modelDigest);
    const scores = new Float32Array(fixture.calibrationCount);
    int8!.score(fixture.calibration, fixture.calibrationCount, scores);
    const { value, rank } = int8!.document.threshold;
    expect(scores.toSorted().at(-rank)).toBe(value);
  });

  it('tells what else the calibration rows say of each artifact', async () => {
    for (const precision of ['float32', 'int8']) {
      const detector = await openDetector(join(output, `detector.${precision}.tflite`), { engine: 'reference' });
      const { calibration, schema, threshold } = detector.document;
      const scores = new Float32Array(fixture.calibrationCount);
      detector.score(fixture.calibration, fixture.calibrationCount, scores);
      detector.dispose();
      const days = ((fixture.calibrationCount - 1) * 20) / 86_400;
      expect(calibration?.days).toBeCloseTo(days, 9);
      expect(calibration?.tail).toMatchObject({ fits: true, rows: fixture.calibrationCount });
      const hostDays = new Set(
        Array.from(scores, (_, row) => `${(1_700_000_000n + 20n * BigInt(row)) / 86_400n} ${row % 30}`),
      );
      expect(calibration?.blocks).toMatchObject({ unit: 'host-day', count: hostDays.size });
      expect(calibration?.blocks?.maxima[0]).toBe(scores.toSorted().at(-1));
      expect(calibration?.episodes?.days).toBeCloseTo(days, 9);
      expect(calibration?.episodes?.records).toBe(
        scores.filter((s) => s > calibration!.episodes!.thresholds.at(-1)!).length,
      );
      expect(calibration?.episodes?.episodes.at(-1)).toBeGreaterThan(1);
      expect(calibration?.categories.map(({ feature }) => feature)).toEqual(['protocol', 'service']);
      const rows = calibration!.categories[0]!.groups.reduce((sum, { pValues }) => sum + pValues.rows, 0);
      expect(rows).toBe(threshold.rows);
      expect(calibration?.drift?.features).toHaveLength(schema.features.length);
    }
  });

  it('gives the same bytes for the same inputs', async () => {
    const names = ['detector.float32.tflite', 'detector.int8.tflite', 'digest.json', 'verification.json'];
    const before = await Promise.all(names.map((name) => readFile(join(output, name))));
    const again = await makeFixture();
    const other = await convert(again);
    const after = await Promise.all(names.map((name) => readFile(join(other, name))));
    expect(after.map(sha256)).toEqual(before.map(sha256));
    await rm(again.root, { recursive: true });
  });
});

describe('bad input of the stage convert', () => {
  let fixture: Fixture;

  beforeAll(async () => {
    fixture = await makeFixture({ trainRows: 400, calibrationRows: 400 });
  });
  afterAll(() => rm(fixture.root, { recursive: true }));

  /** Runs the stage on changed inputs, which are put back, and returns its one-line error. */
  async function failure(path: string, change: (path: string) => Promise<void>): Promise<string> {
    const full = join(fixture.artifacts, path);
    const kept = await readFile(full);
    try {
      await change(full);
      const error: unknown = await convert(fixture).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(UserError);
      expect((error as Error).message).not.toContain('\n');
      expect(existsSync(join(fixture.artifacts, 'convert'))).toBe(false);
      expect(existsSync(join(fixture.artifacts, 'convert.partial'))).toBe(false);
      return (error as Error).message;
    } finally {
      await writeFile(full, kept);
    }
  }

  async function rewrite(
    path: string,
    rows: number,
    label: string,
    features = fixture.schema,
    metadata: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const batch = trafficRows(features, rows, 9);
    const labels = batch.columns['label'] as string[];
    labels[3] = label;
    const writer = new DatasetWriter(path, features, metadata);
    await writer.write(batch);
    await writer.close();
  }

  it('refuses calibration rows that the model was trained on', async () => {
    const message = await failure('preprocess/calibration.arrow', (path) =>
      copyFile(join(fixture.artifacts, 'preprocess', 'train.arrow'), path),
    );
    expect(message).toMatch(/calibration\.arrow: these very rows were used as the train split already/);
  });

  it('refuses calibration rows that are not normal', async () => {
    const message = await failure('preprocess/calibration.arrow', (path) => rewrite(path, 400, 'attack'));
    expect(message).toMatch(/calibration\.arrow: it has rows labelled "attack"/);
  });

  it('refuses calibration rows that verdicts chose', async () => {
    const message = await failure('preprocess/calibration.arrow', (path) =>
      rewrite(path, 400, 'normal', fixture.schema, { 'edgeguard.origin': 'verdict' }),
    );
    expect(message).toMatch(/calibration\.arrow: its rows were chosen by verdicts .* promises nothing/);
  });

  it('says how many rows a budget needs', async () => {
    const message = await failure('preprocess/calibration.arrow', (path) => rewrite(path, 100, 'normal'));
    expect(message).toMatch(/calibration\.arrow: 100 normal rows cannot promise .* needs 299; add 199 more/);
  });

  it('refuses rows of another schema by the name of the feature', async () => {
    const columns = fixture.schema.columns.map((c) => (c.name === 'bytes_1' ? { ...c, name: 'octets' } : c));
    const message = await failure('preprocess/calibration.arrow', (path) =>
      rewrite(path, 400, 'normal', { ...fixture.schema, columns }),
    );
    expect(message).toMatch(/feature 2 is octets where bytes_1 is expected/);
  });

  it('refuses a cut weight file, and a layer that it cannot convert by its name', async () => {
    const cut = await failure('train/weights.bin', async (path) => writeFile(path, (await readFile(path)).subarray(8)));
    expect(cut).toMatch(/model\.json: its weights have \d+ bytes where it says \d+/);
    const unknown = await failure('train/model.json', async (path) =>
      writeFile(path, (await readFile(path, 'utf8')).replace('"linear"', '"softsign"')),
    );
    expect(unknown).toMatch(/model\.json: cannot be converted: layer dense_1/);
  });

  it('refuses a scorer of another model', async () => {
    const message = await failure('train/scorer.json', async (path) => {
      const scorer = JSON.parse(await readFile(path, 'utf8')) as { mean: number[] };
      scorer.mean.pop();
      await writeFile(path, JSON.stringify(scorer));
    });
    expect(message).toMatch(/scorer\.json: it is for \d+ model inputs where the transform gives \d+/);
  });

  it('refuses centres of another model', async () => {
    const message = await failure('train/scorer.json', async (path) => {
      const scorer = JSON.parse(await readFile(path, 'utf8')) as object;
      const distance = {
        residualWeight: 0.5,
        weight: 1,
        deviationFloor: 0.1,
        centres: [1, 2, 3],
        deviations: [1, 1, 1],
      };
      await writeFile(path, JSON.stringify({ ...scorer, distance }));
    });
    expect(message).toMatch(/scorer\.json: its centres have 3 values and 3 deviations.*run the stage train again/);
  });

  it('lets no artifact out that fails the gate, and keeps no other either', async () => {
    // The same function in float, but its weights and activations have no common scale for int8.
    const uneven = await makeFixture({
      trainRows: 400,
      calibrationRows: 400,
      layers: ([first, last]) => {
        const kernel = first!.kernel.map((w, at) => (at % first!.units < 2 ? w * 1e4 : w));
        const decode = last!.kernel.map((w, at) => (Math.floor(at / last!.units) < 2 ? w * 1e-4 : w));
        const bias = first!.bias.map((b, unit) => (unit < 2 ? b * 1e4 : b));
        return [
          { ...first!, kernel, bias },
          { ...last!, kernel: decode },
        ];
      },
    });
    await expect(convert(uneven)).rejects.toThrow(
      /detector\.int8\.tflite: it is not the model that was trained: .*rank correlation .* must be at least 0\.97/,
    );
    expect(await readdir(uneven.artifacts)).toEqual(['preprocess', 'train']);
    await rm(uneven.root, { recursive: true });
  });
});
