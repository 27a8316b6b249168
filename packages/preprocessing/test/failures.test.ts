import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger, runStage } from '@edgeguard/contracts/stage';
import { describe, expect, it } from 'vitest';
import { preprocessingStage } from '../src/index.ts';
import { collected, preprocessed, type Row, runPreprocessing } from './support/pipeline.ts';

const rows: Row[] = Array.from({ length: 20_000 }, (_, time) => ({ time, bytes: time % 500, label: 'normal' }));
const preprocess = { split: { by: 'time', gapSeconds: 10 } };

describe('preprocessing', () => {
  it('says what to run when there is nothing to split', async () => {
    const location = await collected(rows, preprocess);
    await rm(join(location.artifacts, 'collect'), { recursive: true });
    await expect(runPreprocessing(location)).rejects.toThrow('run the stage collect first');
  });

  it('refuses flows that are cut off, damaged or none, and leaves nothing', async () => {
    const location = await collected(rows, preprocess);
    const flows = join(location.artifacts, 'collect', 'flows.arrow');
    const bytes = await readFile(flows);
    await truncate(flows, bytes.length - 100);
    await expect(runPreprocessing(location)).rejects.toThrow('the Arrow file is cut off');
    await writeFile(flows, Buffer.from(bytes).fill(0xff, 8, 200));
    await expect(runPreprocessing(location)).rejects.toThrow('the Arrow file is damaged');
    await writeFile(flows, 'time,bytes\n');
    await expect(runPreprocessing(location)).rejects.toThrow('it is not an Arrow file');
    expect(await readdir(location.artifacts)).toEqual(['collect']);
  });

  it('leaves nothing when it is interrupted', async () => {
    const location = await collected(rows, preprocess);
    const signal = AbortSignal.abort(new Error('enough'));
    const running = runStage(preprocessingStage, location, signal, createLogger('test', 'silent'));
    await expect(running).rejects.toThrow('enough');
    expect(await readdir(location.artifacts)).toEqual(['collect']);
  });

  it('leaves nothing that looks finished when it is killed, and gives the same bytes again', async () => {
    const cli = join(import.meta.dirname, '..', 'dist', 'cli.js');
    if (!existsSync(cli)) throw new Error(`${cli} is not there; run \`npx tsc -b\` before the tests`);
    const location = await collected(rows, preprocess);
    const partial = join(location.artifacts, 'preprocess.partial');
    // On a busy machine the stage may be done before it is killed: then it is tried again.
    while (!existsSync(partial)) {
      await rm(join(location.artifacts, 'preprocess'), { recursive: true, force: true });
      const child = spawn(process.execPath, [cli, '--pipeline', location.pipelineFolder], { stdio: 'ignore' });
      const ended = new Promise((resolve) => child.once('exit', resolve));
      while (!existsSync(partial) && child.exitCode === null) await sleep(1);
      child.kill('SIGKILL');
      await ended;
    }
    expect((await readdir(location.artifacts)).sort()).toEqual(['collect', 'preprocess.partial']);
    await runPreprocessing(location);
    expect((await readdir(location.artifacts)).sort()).toEqual(['collect', 'preprocess']);
    const digest = await readFile(join(location.artifacts, 'preprocess', 'digest.json'), 'utf8');
    const undisturbed = (await preprocessed(rows, preprocess)).location;
    expect(digest).toBe(await readFile(join(undisturbed.artifacts, 'preprocess', 'digest.json'), 'utf8'));
  });
});
