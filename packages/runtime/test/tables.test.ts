import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { type DatasetSchema, featuresOf } from '@edgeguard/contracts';
import { DatasetWriter } from '@edgeguard/contracts/arrow';
import { createLogger } from '@edgeguard/contracts/stage';
import { type Detector, openDetector } from '@edgeguard/detection';
import { flowSchema } from '@edgeguard/metering';
import { type AlertFormat, detect, type DetectSummary, openLineOutput } from '../src/index.ts';
import { zScoreDetector } from './z-score-detector.ts';

const folder = mkdtempSync(join(tmpdir(), 'edgeguard-tables-'));
const features = featuresOf(flowSchema());
const NOW = 1_767_600_000_000_000_000n;
let detectorBytes: Uint8Array;
let rows: Float32Array[];
let scores: Float32Array;

beforeAll(async () => {
  detectorBytes = await zScoreDetector();
  const detector = await openDetector(detectorBytes);
  const { baselines } = detector.document;
  // Normal rows, and every third with a tenth of the features far above what they were in training.
  rows = Array.from({ length: 600 }, (_, row) =>
    Float32Array.from(baselines, ({ p50, p95 }, f) => {
      // The detector knows no category.
      if (features[f]!.kind === 'category') return 0;
      return row % 3 === 0 && f % 10 === row % 10 ? 1e3 * (p95 + 1) : p50;
    }),
  );
  scores = scoresOf(detector, rows);
  detector.dispose();
});

function scoresOf(detector: Detector, all: readonly Float32Array[]): Float32Array {
  const found = new Float32Array(all.length);
  detector.score(Float32Array.from(all.flatMap((row) => [...row])), all.length, found);
  return found;
}

async function look(
  paths: readonly string[],
  format: AlertFormat = 'eve',
  delimiter?: string,
): Promise<{ summary: DetectSummary; lines: string[] }> {
  const detector = await openDetector(detectorBytes);
  const path = join(folder, 'alerts');
  const lines = openLineOutput(path);
  try {
    const summary = await detect({
      detector,
      source: { kind: 'tables', paths, ...(delimiter === undefined ? {} : { delimiter }) },
      outputs: [{ lines, format }],
      now: NOW,
      log: createLogger('detect', 'silent'),
      signal: new AbortController().signal,
    });
    return { summary, lines: readFileSync(path, 'utf8').split('\n').slice(0, -1) };
  } finally {
    lines.close();
    detector.dispose();
  }
}

/** Columns from the last to the first, and one that is no feature. */
function csv(all: readonly (readonly (number | string)[])[], delimiter = ','): string {
  const names = features.map(({ name }) => name).toReversed();
  const lines = all.map((row) => ['note', ...row.toReversed()].join(delimiter));
  return [['comment', ...names].join(delimiter), ...lines, ''].join('\n');
}

async function arrow(name: string, time: boolean): Promise<string> {
  const path = join(folder, name);
  const schema: DatasetSchema = {
    ...flowSchema(),
    columns: [...(time ? [{ name: 'time', role: 'time', type: 'timestamp' } as const] : []), ...features],
  };
  const writer = new DatasetWriter(path, schema);
  await writer.write({
    length: rows.length,
    columns: {
      time: BigInt64Array.from(rows, (_, row) => BigInt(row) * 1_000_000_000n),
      ...Object.fromEntries(features.map(({ name: column }, f) => [column, Float32Array.from(rows, (row) => row[f]!)])),
    },
  });
  await writer.close();
  return path;
}

const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

describe('a table of rows', () => {
  it('gives an alert for each row above the threshold, by its number, from Arrow and from CSV alike', async () => {
    const threshold = (await openDetector(detectorBytes)).document.threshold.value;
    const expected = rows.flatMap((_, row) => (scores[row]! > threshold ? [row + 1] : []));
    expect(expected.length).toBeGreaterThan(100);
    const tables = [
      await look([await arrow('rows.arrow', false)]),
      await look([file('rows.csv', csv(rows.map((row) => [...row])))]),
      await look([file('rows.csv.gz', gzipSync(csv(rows.map((row) => [...row]))))]),
      await look(
        [
          file(
            'rows.tsv',
            csv(
              rows.map((row) => [...row]),
              '\t',
            ),
          ),
        ],
        'eve',
        '\t',
      ),
    ];
    for (const { summary, lines } of tables) {
      const own = lines.map((line) => JSON.parse(line).alert.context.edgeguard);
      expect(own.map(({ row }) => row.number)).toEqual(expected);
      for (const { score, row, episode } of own) {
        expect(score).toBe(scores[row.number - 1]);
        expect(episode).toBeUndefined();
      }
      expect(summary).toMatchObject({ records: 600, scored: 600, alerts: expected.length, written: expected.length });
    }
  });

  it('proves each counterfactual: the changed row, scored again, is not above the threshold', async () => {
    const { lines } = await look([await arrow('rows.arrow', false)]);
    const detector = await openDetector(detectorBytes);
    const own = lines.map((line) => JSON.parse(line).alert.context.edgeguard);
    expect(own.filter(({ counterfactual }) => counterfactual).length).toBeGreaterThan(0);
    for (const { counterfactual, threshold, row } of own) {
      if (!counterfactual) continue;
      const changed = rows[row.number - 1]!.slice();
      for (const { feature, to } of counterfactual.changes) changed[features.findIndex((f) => f.name === feature)] = to;
      const [score] = scoresOf(detector, [changed]);
      expect(score).toBeLessThanOrEqual(threshold);
      expect(score).toBeCloseTo(counterfactual.score, 3);
    }
    detector.dispose();
  });

  it('has the times of its rows where it has them, else that of the run', async () => {
    const { lines } = await look([await arrow('timed.arrow', true)]);
    const { timestamp, alert } = JSON.parse(lines[0]!);
    expect(Date.parse(timestamp)).toBe((alert.context.edgeguard.row.number - 1) * 1000);
    const without = await look([await arrow('rows.arrow', false)]);
    expect(Date.parse(JSON.parse(without.lines[0]!).timestamp)).toBe(Number(NOW / 1_000_000n));
  });

  it('counts rows that have no score', async () => {
    const cells: (number | string)[][] = rows.slice(0, 9).map((row) => [...row]);
    cells[1]![5] = '';
    cells[2]![5] = 'much';
    cells[4]!.pop();
    const { summary } = await look([file('broken.csv', csv(cells))]);
    expect(summary).toMatchObject({ records: 9, scored: 6, nonFinite: 2, malformedRows: 1 });
  });

  it.each([
    ['a column that is missing', 'a,b\n1,2\n', /no column/],
    ['no rows at all', '', /empty/],
  ])('is refused with %s', async (_, content, message) => {
    await expect(look([file('bad.csv', content)])).rejects.toThrow(message);
  });

  it('of other columns is refused when it is Parquet too', async () => {
    const path = fileURLToPath(new URL('../../sources/test/fixtures/zstd.parquet', import.meta.url));
    await expect(look([path])).rejects.toThrow(`its header has no column "${features[1]!.name}"`);
  });

  it('of other features is refused by the first that differs', async () => {
    const path = join(folder, 'other.arrow');
    const writer = new DatasetWriter(path, { ...flowSchema(), columns: features.slice(1) });
    await writer.write({
      length: 1,
      columns: Object.fromEntries(features.slice(1).map(({ name }) => [name, new Float32Array(1)])),
    });
    await writer.close();
    await expect(look([path])).rejects.toThrow(features[1]!.name);
  });
});
