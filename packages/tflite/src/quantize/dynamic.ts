import { perTensor } from '../builder/handles.ts';
import type { Model } from '../model/types.ts';
import { quantizeWeights } from './dense.ts';
import { ModelRewriter } from './rewrite.ts';

export interface DynamicOptions {
  /** Weights with fewer elements stay float: they cost little and quantising each row costs time. Default 1024. */
  readonly minElements?: number;
}

/**
 * The model with the weights of its dense operators as int8 (one scale each), activations float: each row is quantised
 * as it comes. A quarter of the size and no calibration rows are needed, but slower than float32 on the engines here,
 * which have no fast kernels for it.
 */
export function toDynamicRange(model: Model, options: DynamicOptions = {}): Model {
  const rewriter = new ModelRewriter(model);
  for (const operator of rewriter.source.operators) {
    const [, weights] = operator.inputs;
    if (operator.op === 'FULLY_CONNECTED' && rewriter.isConstant(weights)) {
      const { name, shape, type } = rewriter.tensor(weights);
      if (type === 'float32' && rewriter.floats(weights).length >= (options.minElements ?? 1024)) {
        const { values, scale } = quantizeWeights(rewriter.floats(weights));
        rewriter.setOriginal(
          weights,
          rewriter.g.constant(name, shape, values, { quantization: perTensor({ scale, zeroPoint: 0 }) }),
        );
      }
    }
    rewriter.copy(operator);
  }
  return rewriter.finish();
}
