import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The command. */
export const BIN = join(import.meta.dirname, '..', 'bin', 'edgeguard.mjs');

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
  /** A file that standard output goes to; `stdout` is empty then. */
  readonly stdoutTo?: string;
  /** Called once the process runs. */
  readonly started?: (child: ChildProcess) => void;
}

/** Runs the command as a user does, in a process of its own. */
export async function edgeguard(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const stdoutTo = options.stdoutTo === undefined ? undefined : openSync(options.stdoutTo, 'w');
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: options.cwd ?? process.cwd(),
    env: { ...process.env, ...options.env },
    stdio: ['pipe', stdoutTo ?? 'pipe', 'pipe'],
  });
  if (stdoutTo !== undefined) closeSync(stdoutTo);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  // A command that refuses its input may be gone before all of it is written.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(options.stdin ?? '');
  options.started?.(child);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (...ended) => resolve(ended));
  });
  return { code, signal, stdout: String(Buffer.concat(stdout)), stderr: String(Buffer.concat(stderr)) };
}

/**
 * The one line with which a command refuses. Throws where it did anything else: another exit code than 1, more lines, a
 * stack trace.
 */
export function complaint({ code, stderr }: Ended): string {
  const lines = stderr
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith('INFO: '));
  const [line = ''] = lines;
  if (code !== 1 || lines.length !== 1 || !line.startsWith('edgeguard: ') || line.includes('a defect in EdgeGuard')) {
    throw new Error(`expected one line and exit code 1, got ${code} and:\n${stderr}`);
  }
  return line;
}

/** A new folder for the files of a test. */
export function scratch(): string {
  return mkdtempSync(join(tmpdir(), 'edgeguard-cli-'));
}
