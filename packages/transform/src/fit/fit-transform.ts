import {
  type DatasetSchema,
  type FeatureColumn,
  featuresOf,
  schemaHash,
  type SplitUses,
  type TransformConfig,
  type TransformDocument,
  type TransformOperation,
  UserError,
} from '@edgeguard/contracts';
import type { DatasetBatch } from '@edgeguard/contracts/arrow';
import { MAX_VOCABULARY } from './category-counter.ts';
import { logRateOf } from './feature-scale.ts';
import { ColumnMoments } from './moments.ts';
import { percentile, RowReservoir } from './row-reservoir.ts';
import { type FeatureScaling, scaleCategory, scaleNumber } from './scaling.ts';
import { TrainRows } from './train-rows.ts';

/** What {@link fitTransform} works on. */
export interface TransformFit {
  /** Schema of the rows; its features are the transform's. */
  readonly schema: DatasetSchema;
  /** Normal train rows: batches of a dataset, or row-major matrices [n, F] with category codes. Read once. */
  readonly rows: AsyncIterable<DatasetBatch | Float32Array> | Iterable<DatasetBatch | Float32Array>;
  readonly config: TransformConfig;
  /** The splits used so far; names the train split. */
  readonly splits: SplitUses;
  /** Seed of the sample that percentiles are taken from. */
  readonly seed?: number;
}

/** Rows of a block whose moments are summed at once; bounds the memory. */
const BLOCK_ROWS = 8192;

/**
 * Fits a transform on train rows in one pass and bounded memory. Rows with NaN or infinity are left out. Operations:
 * clip (raw units, wide), log1p (counts, bytes, durations and what has a logScale), affine (mean 0, deviation 1),
 * saturate (at `clipSigma` deviations), one-hot (where there are categories). All constants are float32 values.
 *
 * @throws UserError when there is no finite row, a category has too many values, or text is no category
 */
export async function fitTransform(fit: TransformFit): Promise<TransformDocument> {
  const features = featuresOf(fit.schema);
  if (features.length === 0) throw new UserError(fit.schema.name, 'it has no feature', 'give columns the role feature');
  const text = features.find((feature) => feature.type === 'utf8' && feature.kind !== 'category');
  if (text) {
    throw new UserError(`feature ${text.name}`, `it holds text but is a ${text.kind}`, 'give it the kind category');
  }
  const rates = Float64Array.from(features, logRateOf);
  const rows = new TrainRows(features);
  const raw = new ColumnMoments(features.length);
  const logarithmic = new ColumnMoments(features.length);
  const sample = new RowReservoir(features.length, fit.seed ?? 1);
  for await (const batch of fit.rows) {
    const { matrix, count } = rows.take(batch);
    sample.add(matrix, count);
    addMoments(matrix, count, rates, raw, logarithmic);
  }
  if (raw.rows === 0) {
    throw new UserError(fit.schema.name, 'no finite row to fit a transform on', 'give the train split normal rows');
  }

  const vocabularies: Record<string, string[]> = {};
  const scalings: FeatureScaling[] = [];
  const profile: TransformDocument['profile'] = [];
  for (const [index, feature] of features.entries()) {
    const values = sample.column(index);
    let min = raw.min[index]!;
    let max = raw.max[index]!;
    if (feature.kind === 'category') {
      const vocabulary = vocabularyOf(feature, index, rows, max);
      vocabularies[feature.name] = vocabulary;
      scalings.push(scaleCategory(vocabulary.length));
      const codes = rows.counter(index)?.finalCodes(vocabulary);
      if (codes) {
        for (let i = 0; i < values.length; i++) values[i] = codes[values[i]!]!;
        min = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
        max = values.reduce((a, b) => Math.max(a, b), 0);
      }
    } else {
      const moments = { mean: raw.mean[index]!, deviation: raw.deviation(index), min, max };
      const logMoments = {
        mean: logarithmic.mean[index]!,
        deviation: logarithmic.deviation(index),
        min: logarithmic.min[index]!,
        max: logarithmic.max[index]!,
      };
      // A logarithm has no place for negative values: such a feature stays linear.
      const rate = min < 0 ? 0 : rates[index]!;
      scalings.push(scaleNumber(rate, rate > 0 ? logMoments : moments, fit.config));
    }
    values.sort();
    profile.push({
      p05: percentile(values, 0.05),
      p50: percentile(values, 0.5),
      p95: percentile(values, 0.95),
      min,
      max,
    });
  }
  return {
    format: 'edgeguard.transform',
    version: 1,
    schema: {
      name: fit.schema.name,
      version: fit.schema.version,
      hash: schemaHash(features),
      features: features.map((feature) => ({ ...feature })),
    },
    vocabularies,
    operations: operationsOf(scalings, fit.config),
    outputs: outputsOf(scalings),
    profile,
    splits: fit.splits,
  };
}

function addMoments(
  matrix: Float32Array,
  count: number,
  rates: Float64Array,
  raw: ColumnMoments,
  logarithmic: ColumnMoments,
): void {
  const width = rates.length;
  const rawBlock = new Float64Array(Math.min(count, BLOCK_ROWS) * width);
  const logBlock = new Float64Array(rawBlock.length);
  for (let first = 0; first < count; first += BLOCK_ROWS) {
    const rows = Math.min(BLOCK_ROWS, count - first);
    for (let column = 0; column < width; column++) {
      const rate = rates[column]!;
      let at = first * width + column;
      for (let to = column * rows; to < (column + 1) * rows; to++, at += width) {
        const value = matrix[at]!;
        rawBlock[to] = value;
        logBlock[to] = rate > 0 && value > 0 ? Math.log1p(value * rate) : 0;
      }
    }
    raw.add(rawBlock, rows);
    logarithmic.add(logBlock, rows);
  }
}

function vocabularyOf(feature: FeatureColumn, index: number, rows: TrainRows, max: number): string[] {
  const counter = rows.counter(index);
  if (counter) return counter.vocabulary();
  if (feature.categories) return [...feature.categories];
  const codes = Math.floor(max);
  if (codes > MAX_VOCABULARY) {
    throw new UserError(
      `category ${feature.name}`,
      `its codes go up to ${codes} without names`,
      `name its categories, or give codes of at most ${MAX_VOCABULARY}`,
    );
  }
  return Array.from({ length: Math.max(1, codes) }, (_, code) => String(code + 1));
}

function operationsOf(scalings: readonly FeatureScaling[], config: TransformConfig): TransformOperation[] {
  const of = (pick: (scaling: FeatureScaling) => number): number[] => scalings.map((s) => Math.fround(pick(s)));
  const operations: TransformOperation[] = [
    { kind: 'clip', low: of((s) => s.clipLow), high: of((s) => s.clipHigh) },
    { kind: 'log1p', rate: of((s) => s.rate) },
    { kind: 'affine', multiply: of((s) => s.multiply), add: of((s) => s.add) },
    { kind: 'saturate', low: of((s) => s.saturateLow), high: of((s) => s.saturateHigh) },
  ];
  const blocks = scalings.flatMap((s, feature) => (s.categories > 0 ? [{ feature, size: s.categories }] : []));
  // An unknown category weighs as much as a value that lies twice as far out as the clip.
  if (blocks.length > 0) operations.push({ kind: 'one-hot', blocks, unknownExcess: Math.fround(config.clipSigma) });
  return operations;
}

/** The feature behind each model input: numbers in order, then the one-hot blocks. */
function outputsOf(scalings: readonly FeatureScaling[]): number[] {
  const numbers = scalings.flatMap((s, feature) => (s.categories === 0 ? [feature] : []));
  const blocks = scalings.flatMap((s, feature) => Array.from<number>({ length: s.categories }).fill(feature));
  return [...numbers, ...blocks];
}
