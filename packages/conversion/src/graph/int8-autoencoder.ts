import type { ScorerDocument, TransformDocument } from '@edgeguard/contracts';
import { rankCorrelation, RowRunner } from '@edgeguard/detection';
import { ReferenceEngine } from '@edgeguard/tflite/engines';
import { type Model, pruneToOutputs } from '@edgeguard/tflite/model';
import {
  appendDenseChain,
  appendQuantizedChain,
  calibrateChain,
  ChainRounder,
  chainSaturation,
  type DenseLayer,
  quantizeChain,
} from '@edgeguard/tflite/quantize';
import { TransformEvaluator } from '@edgeguard/transform';
import { AUTOENCODER_PREFIX, autoencoderBytes } from './autoencoder-bytes.ts';
import { buildDetectorGraph, type DetectorGraph } from './detector-graph.ts';
import { rangeWithoutBorders } from './input-range.ts';

/** A candidate that ranks held-out train rows so well is good enough. Above the gate's limit. */
const GOOD_RANKING = 0.99;

/** Rows that weights and biases are rounded by. */
const ROUNDING_ROWS = 4096;

/** At most one in so many of the rows is held out from the ranges, to rank candidates on… */
const HELD_OUT = 5;
/** …and no more than so many. */
const RANKED_ROWS = 2500;

const BATCH = 256;

/** An int8 detector graph, and why it is as it is. */
export interface Int8Graph extends DetectorGraph {
  readonly report: {
    readonly rule: string;
    /** Layers whose weights are int8 and whose arithmetic is float32. */
    readonly floatArithmetic: string[];
    /** Rank correlation with the float32 scores on held-out train rows, by candidate. */
    readonly candidates: Record<string, number>;
    /** Bytes of the autoencoder's weights and biases. */
    readonly autoencoderBytes: { readonly int8: number; readonly float32: number; readonly ratio: number };
  };
  /** Model inputs of train rows beyond the int8 range, which is set by other train rows. */
  readonly inputsCutOff: number;
}

/** What an int8 graph is made from. */
export interface Int8Parts {
  readonly transform: TransformDocument;
  readonly scorer: ScorerDocument;
  readonly chain: readonly DenseLayer[];
  /** The same detector in float32. */
  readonly floatModel: Model;
  /** Raw train rows [count, F]. */
  readonly trainRows: Float32Array;
  readonly trainCount: number;
}

/**
 * Quantises the autoencoder of a detector; transform and score stay float. All its weights are int8, rounded by what they
 * do to train rows. The first layers compute in int8 too, with ranges from most of the train rows. Rounding activations
 * hurts the most in the last layers, whose errors no later layer evens out: so the last ones compute in float32 with their
 * int8 weights, and as few as are needed to rank the other train rows like the float32 detector (Spearman 0.99 or more);
 * where none suffices, the division that ranks best. Labels take no part.
 */
export function buildInt8Graph(parts: Int8Parts): Int8Graph {
  const { transform, scorer, chain } = parts;
  const { inputs, inputCount, heldOut, heldOutCount } = divide(parts);
  // Whole ranges: leaving out the highest 0.1 % of activations ranks the bulk better, but makes the scores of the highest
  // normal rows several times as large, and with them the threshold.
  const ranges = calibrateChain(chain, inputs, { kind: 'min-max' });
  const calibration = { ...ranges, input: rangeWithoutBorders(ranges.input, inputs) };
  const wanted = scoresOf(parts.floatModel, heldOut, heldOutCount);
  const candidates: Record<string, number> = {};
  const rounder = new ChainRounder(chain, calibration, spread(inputs, inputCount, chain[0]!.width));
  let best: (Int8Graph & { readonly correlation: number }) | undefined;
  // An autoencoder without a layer that computes in int8 is no int8 artifact.
  for (let int8Layers = chain.length; int8Layers >= 1; int8Layers--) {
    const rounded = rounder.round(int8Layers);
    const first = quantizeChain(rounded.slice(0, int8Layers), {
      ...calibration,
      layers: calibration.layers.slice(0, int8Layers),
    });
    const last = rounded.slice(int8Layers);
    const graph = buildDetectorGraph({
      transform,
      scorer,
      autoencoder: (g, x) => appendDenseChain(g, appendQuantizedChain(g, x, first, PREFIX), last, PREFIX),
    });
    const correlation = rankCorrelation(scoresOf(graph.model, heldOut, heldOutCount), wanted);
    candidates[`${int8Layers} of ${chain.length} layers in int8 arithmetic`] = correlation;
    if (best === undefined || correlation > best.correlation) {
      const report = {
        rule: RULE,
        floatArithmetic: last.map((layer) => layer.name),
        candidates,
        autoencoderBytes: bytesOf(graph.model, parts.floatModel),
      };
      best = { ...graph, report, inputsCutOff: chainSaturation(first, inputs).input, correlation };
    }
    if (correlation >= GOOD_RANKING) break;
  }
  return best!;
}

const PREFIX = AUTOENCODER_PREFIX.slice(0, -1);

const RULE =
  'all weights are int8; as many of the first layers compute in int8 as keep a rank correlation with float32 on ' +
  `held-out train rows of at least ${GOOD_RANKING}, else as many as rank best; the last ones compute in float32`;

function bytesOf(model: Model, floatModel: Model): Int8Graph['report']['autoencoderBytes'] {
  const int8 = autoencoderBytes(model);
  const float32 = autoencoderBytes(floatModel);
  return { int8, float32, ratio: int8 / float32 };
}

/** At most {@link ROUNDING_ROWS} rows, spread evenly over all. */
function spread(inputs: Float32Array, count: number, width: number): Float32Array {
  const taken = Math.min(count, ROUNDING_ROWS);
  const rows = new Float32Array(taken * width);
  for (let i = 0; i < taken; i++) {
    const row = Math.floor((i * count) / taken);
    rows.set(inputs.subarray(row * width, (row + 1) * width), i * width);
  }
  return rows;
}

/** Model inputs for the ranges, and raw rows to rank candidates on. */
function divide({ transform, trainRows, trainCount }: Int8Parts): {
  inputs: Float32Array;
  inputCount: number;
  heldOut: Float32Array;
  heldOutCount: number;
} {
  const evaluator = new TransformEvaluator(transform);
  const width = evaluator.inputWidth;
  const stride = Math.max(HELD_OUT, Math.ceil(trainCount / RANKED_ROWS));
  const heldOutCount = Math.floor(trainCount / stride);
  const rangeCount = trainCount - heldOutCount;
  const heldOut = new Float32Array(heldOutCount * width);
  const ranges = new Float32Array(rangeCount * width);
  for (let row = 0, held = 0, kept = 0; row < trainCount; row++) {
    const values = trainRows.subarray(row * width, (row + 1) * width);
    if (row % stride === stride - 1) heldOut.set(values, width * held++);
    else ranges.set(values, width * kept++);
  }
  const inputs = new Float32Array(rangeCount * evaluator.outputWidth);
  evaluator.apply(ranges, rangeCount, inputs, new Float32Array(rangeCount * width));
  return { inputs, inputCount: rangeCount, heldOut, heldOutCount };
}

function scoresOf(model: Model, rows: Float32Array, count: number): Float32Array {
  const engine = new ReferenceEngine(pruneToOutputs(model, ['score']));
  engine.resize(BATCH);
  const runner = new RowRunner([engine]);
  const scores = new Float32Array(count);
  runner.run(rows, count, [scores]);
  runner.dispose();
  return scores;
}
