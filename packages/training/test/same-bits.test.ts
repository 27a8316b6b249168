import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PipelineConfigSchema } from '@edgeguard/contracts';
import { SeededRandom } from '@edgeguard/transform';
import { expect, it } from 'vitest';
import { type RowStore, RowStoreBuilder, trainAutoencoder } from '../src/index.ts';

const WIDTH = 11;

async function rowsOf(rows: number, seed: number): Promise<RowStore> {
  const random = new SeededRandom(seed);
  const values = new Float32Array(rows * WIDTH);
  for (let row = 0; row < rows; row++) {
    const [a, b] = [random.uniform() - 0.5, random.uniform() - 0.5];
    for (let i = 0; i < WIDTH; i++) values[row * WIDTH + i] = a * (i % 3) + b * (i % 4) + 0.1 * random.uniform();
  }
  const builder = new RowStoreBuilder(WIDTH, join(tmpdir(), 'unused.scratch'));
  await builder.append(values);
  return builder.finish();
}

/**
 * SHA-256 of the parameters of a small fixture. A change of them is a change of every trained detector: it must be meant, and
 * the figures of `docs/how-good.md` must be made again.
 */
it.each([
  ['default', {}, 'd5479b7fd50f70c0e7e4a67f0c05287a6678decc110a3010843f0a72a64d3f32'],
  [
    'dropout',
    { network: { hidden: [16, 6, 16], dropout: 0.1 }, weightDecay: 0.01, masking: 0.1 },
    '77b48cc45b7f1902520bb529e09c4b46218f0bec9bcb7b6442492d2e733b0bd1',
  ],
])('trains the bits it always has: %s', async (_name, settings, digest) => {
  const { train: config } = PipelineConfigSchema.parse({
    collect: { source: { kind: 'synthetic', durationSeconds: 1 } },
    train: { epochs: 3, ...settings },
  });
  const trained = await trainAutoencoder({
    train: await rowsOf(1500, 1),
    validation: await rowsOf(300, 2),
    config,
    seed: 1,
    signal: new AbortController().signal,
  });
  expect(createHash('sha256').update(Buffer.from(trained.parameters.buffer)).digest('hex')).toBe(digest);
});
