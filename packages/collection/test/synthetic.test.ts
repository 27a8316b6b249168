import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { featuresOf, MeteringSettingsSchema, UserError } from '@edgeguard/contracts';
import { flowSchema } from '@edgeguard/metering';
import { describe, expect, it } from 'vitest';
import { newPipeline, readFlows, runCollection, SMALL_TABLES, tally } from './support/pipeline.ts';

const source = {
  kind: 'synthetic',
  startTime: 1_767_607_200,
  durationSeconds: 900,
  hosts: 10,
  attacks: [{ kind: 'port-scan', startSeconds: 600, durationSeconds: 60 }],
};

describe('collecting made-up traffic', () => {
  it('writes capture, ground truth and flows with their labels', async () => {
    const location = await newPipeline({ source, metering: { ...SMALL_TABLES, idleTimeoutSeconds: 30 } });
    const manifest = await runCollection(location);
    expect(Object.keys(manifest.outputs)).toEqual(['capture.pcap', 'flows.arrow', 'labels.arrow']);
    const flows = await readFlows(location);
    expect(manifest.rows['flows.arrow']).toBe(flows.rows);
    const labels = tally(flows.strings('label'));
    expect(Object.keys(labels).sort()).toEqual(['attack', 'normal']);
    expect(labels['attack']).toBeGreaterThan(300);
    const scanned = flows.strings('attack');
    expect(tally(scanned)).toEqual({ '': labels['normal'], 'port-scan': labels['attack'] });
    // The scan begins ten minutes in; nothing before it may be called an attack.
    const starts = flows.bigints('start');
    const scanStart = BigInt(source.startTime + 600) * 1_000_000_000n;
    expect(starts.filter((start, row) => scanned[row] === 'port-scan' && start < scanStart)).toEqual([]);
  });

  it('has the columns of metering, then capture, label and attack, and says how it was metered', async () => {
    const location = await newPipeline({ source, metering: { ...SMALL_TABLES, idleTimeoutSeconds: 30 } });
    await runCollection(location);
    const { reader, strings, bigints } = await readFlows(location);
    expect(featuresOf(reader.schema)).toEqual(featuresOf(flowSchema()));
    expect(reader.schema.columns.slice(-3)).toEqual([
      { name: 'capture', role: 'split', type: 'utf8' },
      { name: 'label', role: 'label', type: 'utf8' },
      { name: 'attack', role: 'label', type: 'utf8' },
    ]);
    const settings = JSON.parse(reader.metadata.get('edgeguard.metering')!) as unknown;
    expect(settings).toEqual(MeteringSettingsSchema.parse({ ...SMALL_TABLES, idleTimeoutSeconds: 30 }));
    expect(new Set(strings('capture'))).toEqual(new Set(['capture.pcap']));
    const times = bigints('time');
    expect(times.every((time, row) => row === 0 || time >= times[row - 1]!)).toBe(true);
  });

  it('gives the same bytes for the same seed and others for another', async () => {
    const outputs = [];
    for (const seed of [3, 3, 4])
      outputs.push((await runCollection(await newPipeline({ source, metering: SMALL_TABLES }, seed))).outputs);
    expect(outputs[1]).toEqual(outputs[0]);
    expect(outputs[2]).not.toEqual(outputs[0]);
  });

  it('names an attack that there is not', async () => {
    const attacks = [{ kind: 'portscan', startSeconds: 1, durationSeconds: 1 }];
    const location = await newPipeline({ source: { ...source, attacks }, metering: SMALL_TABLES });
    await expect(runCollection(location)).rejects.toThrow(UserError);
    await expect(runCollection(location)).rejects.toThrow("there is no attack 'portscan'; choose one of port-scan");
  });

  it('leaves nothing when it is interrupted', async () => {
    const location = await newPipeline({ source: { ...source, durationSeconds: 100_000 } });
    const controller = new AbortController();
    const running = runCollection(location, controller.signal);
    setTimeout(() => controller.abort(), 100);
    await expect(running).rejects.toThrow('aborted');
    expect(await readdir(location.artifacts)).toEqual([]);
  });

  it('leaves nothing that looks finished when it is killed; the next run clears up and gives the same bytes', async () => {
    const cli = join(import.meta.dirname, '..', 'dist', 'cli.js');
    expect(existsSync(cli), 'run `npx tsc -b` before the tests').toBe(true);
    const location = await newPipeline({ source, metering: SMALL_TABLES });
    const partial = join(location.artifacts, 'collect.partial');
    const isWritten = async (): Promise<boolean> => (await readdir(partial).catch(() => [])).length > 0;
    // On a busy machine the stage may be done before it is killed: then it is tried again.
    while (!existsSync(partial)) {
      await rm(join(location.artifacts, 'collect'), { recursive: true, force: true });
      const child = spawn(process.execPath, [cli, '--pipeline', location.pipelineFolder], { stdio: 'ignore' });
      const ended = new Promise((resolve) => child.once('exit', resolve));
      while (child.exitCode === null && !(await isWritten())) await sleep(1);
      child.kill('SIGKILL');
      await ended;
    }
    expect(await readdir(location.artifacts)).toEqual(['collect.partial']);
    const again = await runCollection(location);
    expect(await readdir(location.artifacts)).toEqual(['collect']);
    expect(again.outputs).toEqual((await runCollection(await newPipeline({ source, metering: SMALL_TABLES }))).outputs);
    expect(JSON.parse(await readFile(join(location.artifacts, 'collect', 'digest.json'), 'utf8'))).toMatchObject({
      files: again.outputs,
    });
  });
});
