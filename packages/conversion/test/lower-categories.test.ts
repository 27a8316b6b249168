import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '@edgeguard/tflite/builder';
import { type EngineName, loadModelEngine } from '@edgeguard/tflite/engines';
import { SeededRandom } from '@edgeguard/transform';
import { type CategoryBlock, lowerCategories } from '../src/graph/lower-categories.ts';

const ROWS = 200;
const FEATURES = 6;
const WIDTH = 96;
const CONSTANT = Float32Array.of(0, 10, 0, 0, 0, 20);
/** Blocks of one window and of several, of one value, and not in the order of the features. */
const BLOCKS: readonly CategoryBlock[] = [
  { feature: 4, first: 2, size: 3 },
  { feature: 0, first: 5, size: 12 },
  { feature: 5, first: 17, size: 70 },
  { feature: 2, first: 90, size: 1 },
];

/** By the definition: the code of the largest value that is at least a half; between equal ones their mean code. */
function expectedCode(row: Float32Array, { first, size }: CategoryBlock): number {
  const values = Array.from(row.subarray(first, first + size));
  const largest = Math.max(...values);
  if (largest < 0.5) return 0;
  const codes = values.flatMap((value, k) => (value === largest ? [k + 1] : []));
  return codes.reduce((sum, code) => sum + code, 0) / codes.length;
}

describe('lowerCategories', () => {
  const random = new SeededRandom(3);
  const rows = Float32Array.from({ length: ROWS * WIDTH }, (_, at) => {
    // Some rows reach a half nowhere; values are apart by more than a tie, or equal.
    const scale = Math.floor(at / WIDTH) % 4 === 0 ? 0.45 : 1.2;
    return Math.fround((Math.round(random.uniform() * 40) / 40 - 0.2) * scale);
  });
  const g = new GraphBuilder();
  g.output('codes', g.reshape(lowerCategories(g, g.input('x', WIDTH), BLOCKS, CONSTANT), [-1, FEATURES]));
  const model = g.build();

  it.each<EngineName>(['reference', 'native', 'wasm'])(
    'gives the likeliest code of every block on %s',
    async (name) => {
      const engine = await loadModelEngine(model, { engine: name });
      engine.resize(ROWS);
      const found = new Float32Array(ROWS * FEATURES);
      engine.run([rows], [found]);
      engine.dispose();
      const wanted = new Float32Array(ROWS * FEATURES);
      for (let row = 0; row < ROWS; row++) {
        for (const block of BLOCKS) {
          wanted[row * FEATURES + block.feature] = expectedCode(rows.subarray(row * WIDTH, (row + 1) * WIDTH), block);
        }
      }
      found.forEach((code, at) => expect(code).toBeCloseTo(wanted[at]! + CONSTANT[at % FEATURES]!, 4));
      expect(new Set(wanted).size).toBeGreaterThan(20);
    },
  );
});
