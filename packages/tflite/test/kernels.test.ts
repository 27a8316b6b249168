import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../src/builder/index.ts';
import { normals, randomInputs, randomStream, relativeError, runOnce } from './support/engines.ts';

const SIZES = [1, 2, 3];

describe('windows', () => {
  it.each(['conv2d', 'depthwiseConv2d', 'maxPool2d', 'averagePool2d'] as const)(
    '%s in all small sizes, strides and paddings',
    async (kind) => {
      const wrong: string[] = [];
      for (const height of SIZES) {
        for (const width of SIZES) {
          for (const strides of [
            [1, 1],
            [2, 1],
            [1, 3],
            [2, 3],
            [3, 2],
          ] as const) {
            for (const padding of ['same', 'valid'] as const) {
              const g = new GraphBuilder();
              const x = g.input('x', [6, 7, 2]);
              const weights = normals(randomStream(1), 2 * height * width * 2);
              const options = { strides, padding, size: [height, width] as const };
              if (kind === 'conv2d')
                g.output('y', g.conv2d(x, g.constant('w', [2, height, width, 2], weights), null, options));
              else if (kind === 'depthwiseConv2d')
                g.output('y', g.depthwiseConv2d(x, g.constant('w', [1, height, width, 4], weights), null, options));
              else g.output('y', g[kind](x, options));
              const model = g.build();
              const inputs = randomInputs(model, 2, 1);
              const [expected] = await runOnce(model, 'reference', inputs, 2);
              for (const engine of ['native', 'wasm'] as const) {
                const [actual] = await runOnce(model, engine, inputs, 2);
                if (!(relativeError(expected, actual) < 1e-5))
                  wrong.push(`${engine} ${height}x${width} by ${strides.join('x')} ${padding}`);
              }
            }
          }
        }
      }
      expect(wrong).toEqual([]);
    },
  );
});
