import type { ScorerDocument, TransformDocument } from '@edgeguard/contracts';
import { RowRunner } from '@edgeguard/detection';
import { ReferenceEngine } from '@edgeguard/tflite/engines';
import { type Model, pruneToOutputs } from '@edgeguard/tflite/model';
import {
  appendQuantizedChain,
  calibrateChain,
  chainSaturation,
  type DenseLayer,
  quantizeChain,
} from '@edgeguard/tflite/quantize';
import { TransformEvaluator } from '@edgeguard/transform';
import { rankCorrelation } from '../verification/rank-correlation.ts';
import { buildDetectorGraph, type DetectorGraph } from './detector-graph.ts';

/** Which layers of the autoencoder stay float, from the smallest artifact to the largest. */
const CANDIDATES = [
  { name: 'all int8', floatFirst: false, floatLast: false },
  { name: 'first layer float', floatFirst: true, floatLast: false },
  { name: 'last layer float', floatFirst: false, floatLast: true },
  { name: 'first and last layer float', floatFirst: true, floatLast: true },
] as const;

/** A candidate that ranks held-out train rows so well is good enough: the smallest one is taken. */
const GOOD_RANKING = 0.99;

/** One in so many of the rows is held out from the ranges, to rank candidates on. */
const HELD_OUT = 5;

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
 * Quantises the autoencoder of a detector; transform and score stay float. Ranges come from four of five train rows. Of
 * the candidates for layers that stay float, the smallest is taken that ranks the fifth row like the float32 detector
 * (Spearman 0.99 or more), else the one that ranks best. Labels take no part.
 */
export function buildInt8Graph(parts: Int8Parts): Int8Graph {
  const { transform, scorer, chain } = parts;
  const { inputs, heldOut, heldOutCount } = divide(parts);
  const quantized = quantizeChain(chain, calibrateChain(chain, inputs));
  const wanted = scoresOf(parts.floatModel, heldOut, heldOutCount);
  const candidates: Record<string, number> = {};
  let best: { graph: DetectorGraph; correlation: number; floatLayers: string[] } | undefined;
  for (const { name, floatFirst, floatLast } of CANDIDATES) {
    // An autoencoder without an int8 layer is no int8 artifact.
    if (Number(floatFirst) + Number(floatLast) >= chain.length) continue;
    const options = { prefix: 'autoencoder', floatFirst, floatLast };
    const autoencoder = (...[g, x]: Parameters<Parameters<typeof buildDetectorGraph>[0]['autoencoder']>) =>
      appendQuantizedChain(g, x, quantized, options);
    const graph = buildDetectorGraph({ transform, scorer, autoencoder });
    const correlation = rankCorrelation(scoresOf(graph.model, heldOut, heldOutCount), wanted);
    candidates[name] = correlation;
    if (best === undefined || correlation > best.correlation) {
      const floatLayers = [...(floatFirst ? chain.slice(0, 1) : []), ...(floatLast ? chain.slice(-1) : [])];
      best = { graph, correlation, floatLayers: floatLayers.map((layer) => layer.name) };
    }
    if (correlation >= GOOD_RANKING) break;
  }
  return {
    ...best!.graph,
    report: {
      rule: `the smallest candidate whose rank correlation with float32 on held-out train rows is at least ${GOOD_RANKING}, else the best`,
      floatLayers: best!.floatLayers,
      candidates,
    },
    inputsCutOff: chainSaturation(quantized, inputs).input,
  };
}

/** Model inputs for the ranges, and raw rows to rank candidates on. */
function divide({ transform, trainRows, trainCount }: Int8Parts): {
  inputs: Float32Array;
  heldOut: Float32Array;
  heldOutCount: number;
} {
  const evaluator = new TransformEvaluator(transform);
  const width = evaluator.inputWidth;
  const heldOutCount = Math.floor(trainCount / HELD_OUT);
  const rangeCount = trainCount - heldOutCount;
  const heldOut = new Float32Array(heldOutCount * width);
  const ranges = new Float32Array(rangeCount * width);
  for (let row = 0, held = 0, kept = 0; row < trainCount; row++) {
    const values = trainRows.subarray(row * width, (row + 1) * width);
    if (row % HELD_OUT === HELD_OUT - 1) heldOut.set(values, width * held++);
    else ranges.set(values, width * kept++);
  }
  const inputs = new Float32Array(rangeCount * evaluator.outputWidth);
  evaluator.apply(ranges, rangeCount, inputs, new Float32Array(rangeCount * width));
  return { inputs, heldOut, heldOutCount };
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
