import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const BUILT = new URL('../dist/index.js', import.meta.url);
const CONTRACTS = new URL('../../contracts/dist/index.js', import.meta.url);
const TRANSFORM = new URL('../../transform/dist/index.js', import.meta.url);

/** A process of its own that trains on made-up rows: only a process can be killed, and has a memory of its own. */
function program(rows: number, train: object, task: object, end: string): string {
  return `
    import { writeFileSync } from 'node:fs';
    import { CheckpointFile, RowStoreBuilder, trainAutoencoder } from '${BUILT.href}';
    import { PipelineConfigSchema } from '${CONTRACTS.href}';
    import { SeededRandom } from '${TRANSFORM.href}';
    const [folder, name] = process.argv.slice(1);
    const width = 54;
    const rowsOf = async (count, seed) => {
      const random = new SeededRandom(seed);
      const builder = new RowStoreBuilder(width, folder + '/' + name + seed + '.scratch', 1 << 20);
      for (let done = 0; done < count; done += 2000) {
        const values = new Float32Array(2000 * width);
        for (let i = 0; i < values.length; i++) values[i] = Math.sin(i % 11) + 0.3 * random.uniform();
        await builder.append(values);
      }
      return builder.finish();
    };
    const config = PipelineConfigSchema.parse({
      collect: { source: { kind: 'synthetic', durationSeconds: 1 } },
      train: ${JSON.stringify(train)},
    }).train;
    const atStart = process.memoryUsage().rss;
    const train = await rowsOf(${rows}, 1);
    const validation = await rowsOf(2000, 2);
    const checkpoint = new CheckpointFile(folder + '/' + name + '.checkpoint', { config });
    const task = { train, validation, config, seed: 1, signal: new AbortController().signal, checkpoint,
      onResume: (epoch) => console.log('resumed in epoch ' + epoch) };
    const trained = await trainAutoencoder({ ...task, ...${JSON.stringify(task)} });
    await train.close();
    ${end}
  `;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edgeguard-'));
});
afterAll(async () => rm(folder, { recursive: true }));

function start(code: string, name: string): ChildProcess {
  return spawn(process.execPath, ['--input-type=module', '--eval', code, folder, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function finish(child: ChildProcess): Promise<string> {
  let output = '';
  child.stdout!.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(0);
  return output;
}

const reason = existsSync(BUILT) ? '' : ' (skipped: the package is not built, run tsc -b)';

describe.skipIf(reason !== '')(`training in a process of its own${reason}`, () => {
  it('gives the same bits when it is killed and started again', async () => {
    // Long enough that it is never at its end before it was killed three times, however busy the machine is.
    const settings = { epochs: 40, patience: 40, batchSize: 64, denoising: 0.1 };
    const end = `writeFileSync(folder + '/' + name + '.bin', trained.parameters);`;
    const code = program(6000, settings, { checkpointInterval: 40, pauseInterval: 5 }, end);
    const checkpoint = join(folder, 'killed.checkpoint');
    const changed = async (): Promise<number> => (existsSync(checkpoint) ? (await stat(checkpoint)).mtimeMs : 0);
    for (let kills = 0; kills < 3; kills++) {
      const before = await changed();
      const child = start(code, 'killed');
      const closed = once(child, 'close');
      while ((await changed()) === before && child.exitCode === null) await sleep(5);
      await sleep(13 * kills);
      child.kill('SIGKILL');
      await closed;
    }
    expect(existsSync(join(folder, 'killed.bin'))).toBe(false);
    expect(await finish(start(code, 'killed'))).toMatch(/^resumed in epoch \d+\n$/);
    expect(await finish(start(code, 'undisturbed'))).toBe('');
    const [killed, undisturbed] = await Promise.all(
      ['killed.bin', 'undisturbed.bin'].map((name) => readFile(join(folder, name))),
    );
    expect(killed!.equals(undisturbed!)).toBe(true);
  });

  it('holds a part of the rows in memory', async () => {
    const rows = 1_000_000;
    const end = `console.log(process.resourceUsage().maxRSS * 1024 - atStart);`;
    const settings = { epochs: 1, batchSize: 4096, network: { hidden: [8] } };
    const grown = Number(await finish(start(program(rows, settings, { chunkValues: 1 << 20 }, end), 'large')));
    expect(grown).toBeLessThan((rows * 54 * 4) / 2);
  });
});
