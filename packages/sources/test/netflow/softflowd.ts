import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { type CoreFlow, listenNetFlow, type ListenReport } from '../../src/index.ts';

/** What softflowd said and what was received of it. */
export interface Export {
  readonly flows: readonly CoreFlow[];
  readonly report: ListenReport;
  /** A number from softflowd's own summary. */
  count(pattern: RegExp): number;
}

/** Lets softflowd read a capture and export it over loopback. */
export async function exportWithSoftflowd(
  capture: string,
  version: string,
  ...more: readonly string[]
): Promise<Export> {
  const controller = new AbortController();
  const flows: CoreFlow[] = [];
  let received = 0;
  let listening: (port: number) => void;
  const port = new Promise<number>((resolve) => (listening = resolve));
  const listener = listenNetFlow((flow) => flows.push(flow), {
    port: 0,
    signal: controller.signal,
    onListening: (bound) => listening(bound),
    onProgress: ({ messages }) => (received = messages),
  });
  let said = '';
  try {
    const target = `127.0.0.1:${await port}`;
    const args = ['-r', capture, '-n', target, '-v', version, '-d', '-6', '-m', '100000', ...more];
    const child = spawn('softflowd', args);
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
    await once(child, 'close');
    const sent = Number(/records\) in (\d+) packets/.exec(said)?.[1]);
    const isComplete = () => received >= sent;
    for (let tries = 0; !isComplete() && tries < 300; tries++) await setTimeout(10);
  } finally {
    controller.abort();
  }
  return { flows, report: await listener, count: (pattern) => Number(pattern.exec(said)?.[1]) };
}
