import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UserError } from '@edgeguard/contracts';
import { GraphBuilder } from '@edgeguard/tflite/builder';
import { appendAssociatedFiles, sealFile } from '@edgeguard/tflite/metadata';
import { writeModel } from '@edgeguard/tflite/model';
import { type Detector, openDetector, readDetectorFile, writeDetectorFile } from '../src/index.ts';
import { column, detectorDocument } from './support/detector-document.ts';
import { seededRandom } from './support/seeded-random.ts';

const FEATURES = 4;
const WEIGHTS = Float32Array.of(1, 2, 0.5, 4);

/** A graph whose score is the weighted sum of the features above zero, expected half of each. */
function smallModel(features = FEATURES): Uint8Array {
  const g = new GraphBuilder();
  const x = g.input('features', features);
  const shares = g.mul(g.relu(x), g.row('weights', WEIGHTS.slice(0, features)));
  const ones = g.constant('ones', [1, features], new Float32Array(features).fill(1));
  g.output('score', g.reshape(g.fullyConnected(shares, ones, null), [-1]));
  g.output('expected', g.mul(x, g.scalar(0.5)));
  g.output('feature_error', shares);
  return writeModel(g.build());
}

const FILE = writeDetectorFile(smallModel(), detectorDocument());

function randomRows(count: number): Float32Array {
  const random = seededRandom(count + 1);
  return Float32Array.from({ length: count * FEATURES }, () => random() * 4 - 1);
}

function wantedScores(rows: Float32Array): Float32Array {
  return Float32Array.from({ length: rows.length / FEATURES }, (_, row) => {
    let sum = 0;
    for (let f = 0; f < FEATURES; f++) sum += Math.max(0, rows[row * FEATURES + f]!) * WEIGHTS[f]!;
    return sum;
  });
}

function expectClose(found: Float32Array, wanted: Float32Array): void {
  expect(found.length).toBe(wanted.length);
  const worst = found.reduce((w, value, i) => Math.max(w, Math.abs(value - wanted[i]!)), 0);
  expect(worst).toBeLessThan(1e-5);
}

async function withDetector(
  engine: 'native' | 'wasm' | 'reference',
  use: (detector: Detector) => void | Promise<void>,
): Promise<void> {
  const detector = await openDetector(FILE, { engine });
  try {
    await use(detector);
  } finally {
    detector.dispose();
  }
}

describe('a detector', () => {
  it.each(['native', 'wasm', 'reference'] as const)('scores any number of rows on the engine %s', async (engine) => {
    await withDetector(engine, (detector) => {
      expect(detector.engineName).toBe(engine);
      for (const count of [0, 1, 2, 7, 8, 9, 31, 33, 63, 64, 100, 256, 257, 700]) {
        const rows = randomRows(count);
        const scores = new Float32Array(count);
        detector.score(rows, count, scores);
        expectClose(scores, wantedScores(rows));
      }
      expect(detector.notFinite).toBe(0);
    });
  });

  it('keeps NaN and infinity from the engine, gives them NaN and counts them', async () => {
    await withDetector('native', (detector) => {
      for (const count of [1, 5, 40, 300]) {
        const rows = randomRows(count);
        const wanted = wantedScores(rows);
        const before = detector.notFinite;
        const bad = new Set([0, 3, count - 1].filter((row) => row < count));
        for (const row of bad) {
          rows[row * FEATURES + (row % FEATURES)] = [Number.NaN, Number.POSITIVE_INFINITY, -Infinity][row % 3]!;
          wanted[row] = Number.NaN;
        }
        const scores = new Float32Array(count);
        detector.score(rows, count, scores);
        expect(Array.from(scores, Number.isNaN)).toEqual(Array.from(wanted, Number.isNaN));
        expectClose(
          scores.filter((score) => !Number.isNaN(score)),
          wanted.filter((score) => !Number.isNaN(score)),
        );
        expect(detector.notFinite - before).toBe(bad.size);
        const { expected } = detector.explain(rows, count);
        expect(expected.slice(0, FEATURES).every(Number.isNaN)).toBe(true);
      }
    });
  });

  it('explains rows', async () => {
    await withDetector('native', (detector) => {
      const rows = randomRows(50);
      const { expected, featureErrors } = detector.explain(rows, 50);
      expect(expected.length).toBe(rows.length);
      expectClose(
        expected,
        rows.map((value) => value / 2),
      );
      expectClose(
        featureErrors,
        rows.map((value, at) => Math.max(0, value) * WEIGHTS[at % FEATURES]!),
      );
    });
  });

  it('chooses an engine by itself and says which', async () => {
    const lines: string[] = [];
    const detector = await openDetector(FILE, { log: (line) => lines.push(line) });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(detector.engineName);
    detector.dispose();
  });

  it('refuses rows of another schema by the name of what differs', async () => {
    await withDetector('reference', (detector) => {
      const { features } = detectorDocument().schema;
      const same = [...features] as ReturnType<typeof column>[];
      expect(() => detector.assertSchema(same, 'flows.arrow')).not.toThrow();
      const renamed = same.with(1, column('length', 'seconds', 's', ''));
      expect(() => detector.assertSchema(renamed, 'flows.arrow')).toThrow(
        /flows\.arrow: feature 2 is length in place of duration, but the detector was made for the schema test/,
      );
      const unit = same.with(1, column('duration', 'seconds', 'ms', ''));
      expect(() => detector.assertSchema(unit, 'x')).toThrow(/duration is a seconds in ms in place of a seconds in s/);
      expect(() => detector.assertSchema(same.slice(1), 'x')).toThrow(UserError);
      expect(() => detector.assertSchema(same.slice(0, 3), 'x')).toThrow(/the feature service is missing/);
      expect(() => detector.assertSchema([...same, column('more', 'flag', '1', '')], 'x')).toThrow(
        /the feature more is one too many/,
      );
    });
  });
});

describe('a detector file', () => {
  async function problemOf(bytes: Uint8Array): Promise<string> {
    const error: unknown = await readDetectorFile(bytes).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(UserError);
    return (error as Error).message;
  }

  it('has the same bytes for the same model and document', () => {
    expect(Buffer.compare(writeDetectorFile(smallModel(), detectorDocument()), FILE)).toBe(0);
  });

  it('is refused when any one byte of it is flipped', async () => {
    const messages = new Set<string>();
    for (let at = 0; at < FILE.length; at++) {
      const flipped = Uint8Array.from(FILE);
      flipped[at]! ^= 1 << (at % 8);
      messages.add(await problemOf(flipped));
    }
    for (const message of messages) expect(message).toMatch(/^detector: seal: .*; copy it again/);
  });

  it('is refused when it is truncated or extended', async () => {
    for (let length = 0; length < FILE.length; length += 7) {
      expect(await problemOf(FILE.slice(0, length))).toMatch(/^detector: seal: /);
    }
    expect(await problemOf(Buffer.concat([FILE, Buffer.alloc(1)]))).toMatch(/seal/);
  });

  it('is refused as another file by name', async () => {
    expect(await problemOf(sealFile(smallModel()))).toMatch(/it is a model without detector\.json, not a detector/);
    expect(await problemOf(smallModel())).toMatch(/never sealed, or is truncated/);
    expect(await problemOf(new TextEncoder().encode('hello'))).toMatch(/never sealed, or is truncated/);
    await expect(readDetectorFile('/nowhere/detector.tflite')).rejects.toThrow(
      /\/nowhere\/detector\.tflite: no such file/,
    );
  });

  it('is refused when its document is of another format, contradicts itself or its graph', async () => {
    const withDocument = (change: (document: Record<string, unknown>) => void): Uint8Array => {
      const document = structuredClone(detectorDocument()) as unknown as Record<string, unknown>;
      change(document);
      const json = new TextEncoder().encode(JSON.stringify(document));
      return sealFile(appendAssociatedFiles(smallModel(), [{ name: 'detector.json', bytes: json }]));
    };
    expect(await problemOf(withDocument((d) => (d['version'] = 2)))).toMatch(/detector\.json: version/);
    expect(await problemOf(withDocument((d) => (d['more'] = 2)))).toMatch(/detector\.json: more: unknown key/);
    expect(await problemOf(withDocument((d) => (d['baselines'] = [])))).toMatch(/baselines for 0 of 4 features/);
    const unsorted = { rows: 10, scores: [1, 2], atLeast: [1, 2] };
    expect(await problemOf(withDocument((d) => (d['pValues'] = unsorted)))).toMatch(/p-value table is out of order/);
    const rehashed = withDocument((d) => ((d['schema'] as Record<string, unknown>)['hash'] = '0'.repeat(64)));
    expect(await problemOf(rehashed)).toMatch(/schema hash is not that of its features/);
    const narrow = writeDetectorFile(smallModel(3), detectorDocument());
    await expect(openDetector(narrow)).rejects.toThrow(/its graph does not fit its schema of 4 features/);
  });

  it('is named by its path', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'edgeguard-detection-'));
    const path = join(folder, 'detector.float32.tflite');
    await writeFile(path, FILE.subarray(1));
    await expect(openDetector(path)).rejects.toThrow(`${path}: seal: `);
    await writeFile(path, FILE);
    const detector = await openDetector(path);
    expect(detector.document).toEqual(detectorDocument());
    detector.dispose();
    await rm(folder, { recursive: true });
  });
});
