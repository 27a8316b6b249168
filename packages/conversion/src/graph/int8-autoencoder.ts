import type { ScorerDocument, TransformDocument } from '@edgeguard/contracts';
import { rankCorrelation, RowRunner } from '@edgeguard/detection';
import { ReferenceEngine } from '@edgeguard/tflite/engines';
import { type Model, pruneToOutputs } from '@edgeguard/tflite/model';
import {
  appendDenseChain,
  appendQuantizedChain,
  calibrateChain,
  chainSaturation,
  type DenseLayer,
  quantizeChain,
} from '@edgeguard/tflite/quantize';
import { TransformEvaluator } from '@edgeguard/transform';
import { correctBiases } from './bias-correction.ts';
import { buildDetectorGraph, type DetectorGraph } from './detector-graph.ts';
import { rangeWithoutBorders } from './input-range.ts';

/** A candidate that ranks held-out train rows so well is good enough: the smallest one is taken. Above the gate's limit. */
const GOOD_RANKING = 0.975;

/** Rows that biases are corrected on. */
const BIAS_ROWS = 2000;

/** At most one in so many of the rows is held out from the ranges, to rank candidates on… */
const HELD_OUT = 5;
/** …and no more than so many. */
const RANKED_ROWS = 2500;

const BATCH = 256;

/** An int8 detector graph, and why it is as it is. */
export interface Int8Graph extends DetectorGraph {
  readonly report: {
    readonly rule: string;
    readonly floatLayers: string[];
    /** Rank correlation with the float32 scores on held-out train rows, by candidate. */
    readonly candidates: Record<string, number>;
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
 * Quantises the autoencoder of a detector; transform and score stay float. Ranges come from most of the train rows. Rounding
 * hurts the most in the last layers, whose errors no later layer evens out: so the first layers are int8 and the last ones
 * float, and of all such divisions the smallest artifact is taken that ranks the others like the float32 detector
 * (Spearman 0.975 or more), else the one that ranks best. Labels take no part.
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
  let best: (Int8Graph & { readonly correlation: number }) | undefined;
  // An autoencoder without an int8 layer is no int8 artifact.
  for (let int8Layers = chain.length; int8Layers >= 1; int8Layers--) {
    const corrected = correctBiases(chain, calibration, int8Layers, inputs, Math.min(inputCount, BIAS_ROWS));
    const first = quantizeChain(corrected.slice(0, int8Layers), {
      ...calibration,
      layers: calibration.layers.slice(0, int8Layers),
    });
    const last = corrected.slice(int8Layers);
    const graph = buildDetectorGraph({
      transform,
      scorer,
      autoencoder: (g, x) => {
        const inner = appendQuantizedChain(g, x, first, { prefix: 'autoencoder' });
        return last.length === 0 ? inner : appendDenseChain(g, inner, last, 'autoencoder');
      },
    });
    const correlation = rankCorrelation(scoresOf(graph.model, heldOut, heldOutCount), wanted);
    candidates[`${int8Layers} of ${chain.length} layers int8`] = correlation;
    if (best === undefined || correlation > best.correlation) {
      const floatLayers = last.map((layer) => layer.name);
      const report = { rule: RULE, floatLayers, candidates };
      best = { ...graph, report, inputsCutOff: chainSaturation(first, inputs).input, correlation };
    }
    if (correlation >= GOOD_RANKING) break;
  }
  return best!;
}

const RULE =
  `the smallest artifact whose rank correlation with float32 on held-out train rows is at least ${GOOD_RANKING}, ` +
  'else the one that ranks best; the first layers are int8, the last ones float';

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
