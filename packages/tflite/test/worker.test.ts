import { Worker } from 'node:worker_threads';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../src/builder/index.ts';
import { writeModel } from '../src/model/index.ts';

/** Worker threads run plain JavaScript: the built package. */
const BUILT = fileURLToPath(new URL('../dist/index.js', import.meta.url));
const missing = existsSync(BUILT) ? '' : ' (skipped: not built; run tsc -b)';

const CODE = `
import { parentPort, workerData } from 'node:worker_threads';
const { loadEngine } = await import(workerData.module);
const engine = await loadEngine(workerData.bytes, { engine: workerData.engine });
const output = new Float32Array(2);
engine.run([Float32Array.of(3, 4)], [output]);
engine.dispose();
parentPort.postMessage(Array.from(output));
`;

function compute(engine: string, bytes: Uint8Array): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(CODE)}`), {
      workerData: { module: new URL(`file://${BUILT}`).href, bytes, engine },
    });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

describe.skipIf(missing !== '')(`in worker threads${missing}`, () => {
  it.each(['native', 'wasm', 'reference'])('%s runs in several at once', async (engine) => {
    const g = new GraphBuilder();
    g.output('y', g.mul(g.input('x', 2), g.scalar(2)));
    const bytes = writeModel(g.build());
    const results = await Promise.all(Array.from({ length: 3 }, () => compute(engine, bytes)));
    expect(results).toEqual([
      [6, 8],
      [6, 8],
      [6, 8],
    ]);
  });
});
