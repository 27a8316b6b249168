import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DistanceConfig, PipelineConfigSchema, type ScorerDocument } from '@edgeguard/contracts';
import { DistanceScorer, ResidualScorer } from '@edgeguard/detection';
import { SeededRandom } from '@edgeguard/transform';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addDistance,
  fitCentres,
  fitScorer,
  pauseFor,
  residualMoments,
  type RowStore,
  RowStoreBuilder,
  trainAutoencoder,
  type TrainedAutoencoder,
  WindowedRows,
} from '../src/index.ts';

const WIDTH = 4;
const FEATURE_OF = [0, 0, 1, 1];
const PAUSE = pauseFor(new AbortController().signal);
const ALL = { train: Number.POSITIVE_INFINITY, validation: Number.POSITIVE_INFINITY };

/** Rows of two groups, around -1 and around 1 in every input; the last input never moves. */
function twoGroups(count: number, seed: number): Float32Array {
  const random = new SeededRandom(seed);
  return Float32Array.from({ length: count * WIDTH }, (_, at) => {
    const centre = Math.floor(at / WIDTH) % 2 === 0 ? 1 : -1;
    return at % WIDTH === 3 ? centre : centre + 0.4 * (random.uniform() - 0.5);
  });
}

describe('fitCentres', () => {
  const settings = { centres: 2, deviationFloor: 0.1 };

  it('finds groups with the deviation of each input around them, and never less than the floor', () => {
    const points = { values: twoGroups(4000, 1), count: 4000, width: WIDTH };
    const { centres, deviations, deviationFloor } = fitCentres(points, settings, 5);
    expect(centres.map((value) => Math.abs(value))).toEqual(centres.map(() => expect.closeTo(1, 1)));
    expect(centres.slice(0, 4).map(Math.sign)).toEqual(centres.slice(4).map((value) => -Math.sign(value)));
    const uniform = expect.closeTo(0.4 / Math.sqrt(12), 2);
    expect(deviations).toEqual(deviations.map((_, at) => (at % WIDTH === 3 ? deviationFloor : uniform)));
    expect(fitCentres(points, settings, 5)).toEqual({ centres, deviations, deviationFloor });
    expect(fitCentres(points, { ...settings, centres: 8 }, 6)).not.toEqual(
      fitCentres(points, { ...settings, centres: 8 }, 5),
    );
  });

  it('gives a centre of a single row the deviations of the others', () => {
    const values = twoGroups(1001, 1);
    values.fill(50, 1000 * WIDTH);
    const { centres, deviations } = fitCentres({ values, count: 1001, width: WIDTH }, { ...settings, centres: 3 }, 5);
    const lone = centres.indexOf(50);
    expect(lone % WIDTH).toBe(0);
    expect(deviations[lone]).toBeGreaterThan(0.1);
  });
});

/**
 * The weights of an autoencoder with two hidden units that gives the mean of the inputs for each of them: it knows the line
 * through both groups, and that a row between them is not normal it cannot know.
 */
function meanOfInputs(): Float32Array {
  const encode = Array.from({ length: WIDTH }, () => [1 / WIDTH, -1 / WIDTH]).flat();
  const decode = [1, -1].flatMap((weight) => Array.from({ length: WIDTH }, () => weight));
  return Float32Array.from([...encode, 0, 0, ...decode, ...Array.from({ length: WIDTH }, () => 0)]);
}

describe('addDistance', () => {
  let folder: string;
  let trained: TrainedAutoencoder;
  let scorer: ScorerDocument;

  async function store(values: Float32Array, name: string): Promise<RowStore> {
    const builder = new RowStoreBuilder(WIDTH, join(folder, name));
    await builder.append(values);
    return builder.finish();
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'edgeguard-'));
    const config = PipelineConfigSchema.parse({
      collect: { source: { kind: 'synthetic', durationSeconds: 1 } },
      train: { network: { hidden: [2] }, epochs: 1 },
    }).train;
    trained = await trainAutoencoder({
      train: await store(twoGroups(3000, 1), 'train'),
      validation: await store(twoGroups(1000, 2), 'validation'),
      config,
      seed: 1,
      signal: new AbortController().signal,
    });
    trained.network.parameters = meanOfInputs();
    const moments = await residualMoments(trained.network, trained.validation, PAUSE);
    const penalty = { kind: 'huber-residual', bound: 1 } as const;
    scorer = fitScorer({ moments, penalty, shrinkage: 0.1, clipSigma: 5, splits: {} });
  });
  afterAll(async () => rm(folder, { recursive: true }));

  const fit = (settings: Partial<DistanceConfig> = {}, largestErrors = ALL): Promise<ScorerDocument> =>
    addDistance({
      scorer,
      settings: { share: 0.5, centres: 2, deviationFloor: 0.1, ...settings },
      trained: { ...trained, train: new WindowedRows(trained.network, trained.train.store, 0, 3000) },
      largestErrors,
      seed: 1,
      pause: PAUSE,
    });

  /** Scores of rows by the residual, the distance, and both. */
  function scored(document: ScorerDocument, rows: Float32Array) {
    const count = rows.length / WIDTH;
    const { network } = trained;
    // In the place of train rows, which `fit` reads again.
    for (let row = 0; row < count; row++) {
      network.order[row] = row;
      network.rows.set(rows.subarray(row * WIDTH, (row + 1) * WIDTH), row * network.stride);
    }
    const residual = new Float32Array(rows.length);
    for (let row = 0; row < count; row++) {
      const outputs = network.reconstruct(row, 1);
      for (let i = 0; i < WIDTH; i++) residual[row * WIDTH + i] = rows[row * WIDTH + i]! - outputs[i]!;
    }
    const shares = new Float64Array(2 * count);
    const both = new Float64Array(count);
    new ResidualScorer(document, FEATURE_OF, 2).score(residual, new Float32Array(2 * count), count, shares, both);
    const ofResidual = both.slice();
    new DistanceScorer(document.penalty, document.distance!, FEATURE_OF, 2).add(rows, count, shares, both);
    return { ofResidual, ofDistance: both.map((value, row) => value - ofResidual[row]!), both, shares };
  }

  it('gives the distance its share of the score that 1 % of the validation rows exceed', async () => {
    const validation = twoGroups(1000, 2);
    const high = (scores: Float64Array): number => scores.toSorted()[Math.floor(0.99 * 999)]!;
    for (const share of [0.2, 0.5]) {
      const { ofResidual, ofDistance, both, shares } = scored(await fit({ share }), validation);
      expect(high(ofDistance) / (high(ofDistance) + high(ofResidual))).toBeCloseTo(share, 5);
      expect(both.every((score, row) => Math.abs(shares[2 * row]! + shares[2 * row + 1]! - score) < 1e-9)).toBe(true);
    }
    const alone = await fit({ share: 1 });
    expect(alone.distance?.residualWeight).toBe(0);
    expect(high(scored(alone, validation).ofResidual)).toBe(0);
    // In the units of the residual's score: thresholds stay comparable.
    const residualAlone = { ...alone, distance: { ...alone.distance!, residualWeight: 1 } };
    expect(high(scored(alone, validation).both)).toBeCloseTo(high(scored(residualAlone, validation).ofResidual), 5);
  });

  it('scores a row between two groups high that the autoencoder reconstructs well', async () => {
    const document = await fit();
    const normal = scored(document, twoGroups(1000, 3));
    const between = scored(document, new Float32Array(WIDTH));
    expect(between.ofResidual[0]).toBeLessThan(normal.ofResidual.toSorted()[500]!);
    expect(between.both[0]).toBeGreaterThan(3 * Math.max(...normal.both));
  });

  it('gives the same bits for the same seed, and leaves out rows with large errors', async () => {
    expect(await fit({ centres: 8 })).toEqual(await fit({ centres: 8 }));
    const train = new WindowedRows(trained.network, trained.train.store, 0, 3000);
    const errors = await train.errors(PAUSE);
    const few = await fit({ centres: 1 }, { ...ALL, train: errors.toSorted()[20]! });
    const all = await fit({ centres: 1 });
    expect(few.distance?.centres).not.toEqual(all.distance?.centres);
  });
});
