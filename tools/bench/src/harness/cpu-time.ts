import { spawnSync } from 'node:child_process';

/**
 * Runs a command to its end and returns the CPU seconds (user and system) of the whole process, by the kernel's own
 * accounting of children, which the shell's `time` prints. What it writes to standard output is thrown away.
 *
 * @throws Error when the command fails: a peer that stopped early must not look fast
 */
export function cpuSecondsOfCommand(command: string, parameters: readonly string[]): number {
  return measureCommand(command, parameters, 'ignore').seconds;
}

/** Like {@link cpuSecondsOfCommand}, and returns what the command printed. */
export function measureOutput(command: string, parameters: readonly string[]): { seconds: number; output: string } {
  return measureCommand(command, parameters, 'pipe');
}

function measureCommand(
  command: string,
  parameters: readonly string[],
  output: 'ignore' | 'pipe',
): { seconds: number; output: string } {
  const script = 'TIMEFORMAT="edgeguard-cpu %U %S"; time "$@"';
  const { status, stdout, stderr, error } = spawnSync('bash', ['-c', script, 'bash', command, ...parameters], {
    encoding: 'utf8',
    stdio: ['ignore', output, 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, LC_ALL: 'C' },
  });
  if (error) throw error;
  const found = /edgeguard-cpu ([\d.]+) ([\d.]+)/.exec(stderr);
  if (status !== 0 || !found) throw new Error(`${command} ended with ${status}: ${stderr.slice(-400)}`);
  return { seconds: Number(found[1]) + Number(found[2]), output: stdout ?? '' };
}

/** CPU seconds of this process that `work` used. */
export function cpuSecondsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Like {@link cpuSecondsOf} for asynchronous work. */
export async function cpuSecondsOfAsync(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** True when a command is on the PATH. */
export function isInstalled(command: string): boolean {
  return spawnSync('bash', ['-c', `command -v -- "$1"`, 'bash', command]).status === 0;
}
