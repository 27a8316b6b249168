import { spawnSync } from 'node:child_process';

/** True when the program can be started. */
export function hasTool(name: string): boolean {
  return spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined;
}
