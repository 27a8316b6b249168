import { RowRunner } from '@edgeguard/detection';
import { loadEngine } from '@edgeguard/tflite/engines';
import type { RowBlock } from '../rows/dataset-rows.ts';

const BATCH = 256;

/**
 * Scores of all rows, in order, by the reference engine, which gives the same bits on every machine.
 *
 * @param model the bytes of the model that ships
 * @param total finite rows in `blocks`
 */
export async function referenceScores(
  model: Uint8Array,
  blocks: AsyncIterable<RowBlock>,
  total: number,
): Promise<Float32Array> {
  const engine = await loadEngine(model, { engine: 'reference', outputs: ['score'] });
  engine.resize(BATCH);
  const runner = new RowRunner([engine]);
  const scores = new Float32Array(total);
  let at = 0;
  for await (const { rows, count } of blocks) {
    runner.run(rows, count, [scores.subarray(at, at + count)]);
    at += count;
  }
  runner.dispose();
  return scores;
}
