import { elementCount } from '../../model/types.ts';
import { strides } from './kernel.ts';

/**
 * For each element of a row-major tensor of shape `output`, the position `origin + sum of index[d] * steps[d]` in
 * another tensor. Kernels that move or broadcast data make such a map once and follow it on every run.
 */
export function indexMap(output: readonly number[], steps: readonly number[], origin = 0): Int32Array {
  const map = new Int32Array(elementCount(output));
  const index: number[] = Array.from({ length: output.length }, () => 0);
  let position = origin;
  for (let i = 0; i < map.length; i++) {
    map[i] = position;
    for (let d = output.length - 1; d >= 0; d--) {
      position += steps[d];
      if (++index[d] < output[d]) break;
      position -= steps[d] * output[d];
      index[d] = 0;
    }
  }
  return map;
}

/** Where each element of a broadcast result comes from in an operand of shape `operand`. */
export function broadcastMap(output: readonly number[], operand: readonly number[]): Int32Array {
  const own = strides(operand);
  const steps = output.map((_, d) => {
    const k = d - (output.length - operand.length);
    return k < 0 || operand[k] === 1 ? 0 : own[k];
  });
  return indexMap(output, steps);
}
