import { RowRunner } from '@edgeguard/detection';
import { ReferenceEngine } from '@edgeguard/tflite/engines';
import { pruneModel, readModel } from '@edgeguard/tflite/model';
import type { ComparedRows } from './compared-rows.ts';
import { GATE_BATCH } from './limits.ts';

/** What an artifact's autoencoder gives for rows, [count, D], read out of the middle of its graph. */
export function reconstructionOf(
  artifact: Uint8Array,
  tensor: string,
  rows: Float32Array,
  count: number,
): Float32Array {
  const engine = new ReferenceEngine(pruneModel(readModel(artifact), { outputs: [tensor] }));
  engine.resize(GATE_BATCH);
  const runner = new RowRunner([engine]);
  const reconstruction = new Float32Array(count * runner.outputWidths[0]!);
  runner.run(rows, count, [reconstruction]);
  runner.dispose();
  return reconstruction;
}

/** How far an int8 autoencoder is from the source's on normal rows. */
export interface ReconstructionError {
  /** Largest mean difference of a model input, as a share of that input's typical residual. */
  readonly bias: number;
  /** Root mean square of all differences as a share of that of all residuals. */
  readonly noise: number;
  /** The feature of the largest bias. */
  readonly where: string;
}

/** Steps of int8 over the range of an input. */
const STEPS = 255;

/**
 * Compares reconstructions of normal rows with the source's. Measured against the source's residuals, since those are
 * what a score is made of; but a model input whose residual is smaller than one int8 step is measured against the step.
 */
export function reconstructionError(rows: ComparedRows, reconstruction: Float32Array): ReconstructionError {
  const { transform, source, normalCount } = rows;
  const width = transform.outputs.length;
  const steps = stepsOf(rows);
  let worst = { bias: 0, where: '' };
  let totalError = 0;
  let totalResidual = 0;
  for (let input = 0; input < width; input++) {
    let sum = 0;
    let residual = 0;
    for (let row = 0, at = input; row < normalCount; row++, at += width) {
      const difference = reconstruction[at]! - source.reconstruction[at]!;
      sum += difference;
      totalError += difference ** 2;
      residual += (source.inputs[at]! - source.reconstruction[at]!) ** 2;
    }
    const typical = Math.max(Math.sqrt(residual / normalCount), steps[input]!);
    totalResidual += normalCount * typical ** 2;
    const bias = Math.abs(sum / normalCount) / typical;
    if (!(bias <= worst.bias)) worst = { bias, where: transform.schema.features[transform.outputs[input]!]!.name };
  }
  return { ...worst, noise: Math.sqrt(totalError / totalResidual) };
}

/** The size of one int8 step of each model input. */
function stepsOf({ transform }: ComparedRows): number[] {
  const saturate = transform.operations.find((operation) => operation.kind === 'saturate');
  const oneHot = transform.operations.find((operation) => operation.kind === 'one-hot');
  const categories = new Set(oneHot?.blocks.map(({ feature }) => feature));
  return transform.outputs.map((feature) => {
    if (categories.has(feature) || !saturate) return 1 / STEPS;
    return (saturate.high[feature]! - saturate.low[feature]!) / STEPS;
  });
}
