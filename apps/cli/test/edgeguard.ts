import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BIN = join(import.meta.dirname, '..', 'bin', 'edgeguard.mjs');

if (!existsSync(join(import.meta.dirname, '..', 'dist', 'main.js'))) {
  throw new Error('these tests run the built command: run `npx tsc -b apps/cli` first');
}

/** How a command ended and what it printed. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: Uint8Array | string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Called once the process runs. */
  readonly started?: (child: ChildProcess) => void;
}

/** Runs the command as a user does, in a process of its own. */
export async function edgeguard(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: options.cwd ?? process.cwd(),
    env: { ...process.env, ...options.env },
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  // A command that refuses its input may be gone before all of it is written.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin ?? '');
  options.started?.(child);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (...ended) => resolve(ended));
  });
  return { code, signal, stdout: String(Buffer.concat(stdout)), stderr: String(Buffer.concat(stderr)) };
}

/** A new folder for the files of a test. */
export function scratch(): string {
  return mkdtempSync(join(tmpdir(), 'edgeguard-cli-'));
}
