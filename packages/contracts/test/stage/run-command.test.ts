import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { builtModule } from '../support/built-module.ts';

interface Outcome {
  readonly code: number | null;
  readonly stderr: string;
}

function start(main: string): { child: ChildProcess; outcome: Promise<Outcome> } {
  const program = `
    import { UsageError, UserError } from ${JSON.stringify(builtModule('index.js'))};
    import { Interrupted, runCommand } from ${JSON.stringify(builtModule('stage/index.js'))};
    await runCommand('edgeguard', async (signal) => { ${main} });
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const outcome = once(child, 'close').then(([code]) => ({ code: code as number | null, stderr }));
  return { child, outcome };
}

const run = (main: string): Promise<Outcome> => start(main).outcome;

describe('runCommand', () => {
  it('ends with 0 and says nothing when all went well', async () => {
    expect(await run('')).toEqual({ code: 0, stderr: '' });
  });

  it('shows a UserError as one line and ends with 1', async () => {
    const outcome = await run(`throw new UserError('a.pcap', 'it is\\nempty', 'name another');`);
    expect(outcome).toEqual({ code: 1, stderr: 'edgeguard: a.pcap: it is empty; name another\n' });
  });

  it('shows a UsageError as one line and ends with 2', async () => {
    const outcome = await run(`throw new UsageError('no such option --x');`);
    expect(outcome).toEqual({ code: 2, stderr: 'edgeguard: no such option --x\n' });
  });

  it('shows a defect with its stack and ends with 1', async () => {
    const outcome = await run(`throw new TypeError('oops');`);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/a defect in EdgeGuard, please report it: TypeError: oops\n\s+at /);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('lets work stop in order on %s', async (signal) => {
    const { child, outcome } = start(`
      process.stdout.write('working');
      while (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
      throw new Error('whatever comes of being interrupted');
    `);
    await once(child.stdout!, 'data');
    child.kill(signal);
    expect(await outcome).toEqual({ code: 1, stderr: 'edgeguard: interrupted; nothing half-written was left\n' });
  });

  it('ends what does not listen at the second interrupt', async () => {
    const { child, outcome } = start(`
      process.on('SIGINT', () => process.stdout.write('again'));
      process.stdout.write('working');
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    `);
    await once(child.stdout!, 'data');
    child.kill('SIGINT');
    await once(child.stdout!, 'data');
    child.kill('SIGINT');
    expect((await outcome).code).toBe(1);
  });

  it('ends quietly with 0 when the reader of its output has gone', async () => {
    const { child, outcome } = start(`
      for (let i = 0; i < 100_000; i++) {
        process.stdout.write('a line of output\\n');
        if (i % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    `);
    await once(child.stdout!, 'data');
    child.stdout!.destroy();
    expect(await outcome).toEqual({ code: 0, stderr: '' });
  });
});
