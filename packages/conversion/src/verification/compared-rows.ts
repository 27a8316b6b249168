import type { ScorerDocument, TransformDocument } from '@edgeguard/contracts';
import { PlainDetector, type PlainResult } from '../source/plain-detector.ts';
import type { LayerOutput, SourceModel } from '../source/source-model.ts';
import { adversarialRows, asMatrix } from './adversarial-rows.ts';
import { LAYER_ROWS } from './layer-differences.ts';
import { centreGaps, scoreLeverage } from './rounding.ts';
import { median } from './score-difference.ts';

/** Rows on which artifacts are compared with the source: normal ones first, then adversarial ones. */
export interface ComparedRows {
  readonly transform: TransformDocument;
  /** [count, F] */
  readonly rows: Float32Array;
  readonly count: number;
  /** How many of them, from the first on, are calibration rows. */
  readonly normalCount: number;
  /** Transform and scorer in plain arithmetic. */
  readonly plain: PlainDetector;
  /** What the source computes for the rows: plain arithmetic around the autoencoder that was trained. */
  readonly source: PlainResult;
  /** What the source's layers give for the first rows. */
  readonly layers: { readonly count: number; readonly outputs: readonly LayerOutput[] };
  /** How much rounding of the reconstruction each score carries: see {@link scoreLeverage}. */
  readonly leverage: Float64Array;
  /** How much farther the next centre is, for a scorer with a distance to normal, else infinity: see {@link centreGaps}. */
  readonly centreGaps: Float64Array;
  /** Median of the source's scores of normal rows. */
  readonly medianScore: number;
  /** Names a row for people. */
  readonly nameOf: (row: number) => string;
}

/** Puts adversarial rows behind normal ones and lets the source compute them all. */
export function comparedRows(
  transform: TransformDocument,
  scorer: ScorerDocument,
  autoencoder: Pick<SourceModel, 'reconstruct' | 'layerOutputs'>,
  layerNames: readonly string[],
  normal: { rows: Float32Array; count: number },
): ComparedRows {
  const width = transform.schema.features.length;
  const adversarial = adversarialRows(transform);
  const count = normal.count + adversarial.length;
  const rows = new Float32Array(count * width);
  rows.set(normal.rows.subarray(0, normal.count * width));
  rows.set(asMatrix(adversarial, width), normal.count * width);
  const plain = new PlainDetector(transform, scorer);
  const source = plain.evaluate(rows, count, (...values) => autoencoder.reconstruct(...values));
  const layerRows = Math.min(count, LAYER_ROWS);
  return {
    transform,
    rows,
    count,
    normalCount: normal.count,
    plain,
    source,
    layers: { count: layerRows, outputs: autoencoder.layerOutputs(layerNames, source.inputs, layerRows) },
    leverage: scoreLeverage(scorer, source),
    centreGaps: centreGaps(scorer, source),
    medianScore: median(source.score.subarray(0, normal.count)),
    nameOf: (row) => adversarial[row - normal.count]?.name ?? `calibration sample ${row}`,
  };
}
