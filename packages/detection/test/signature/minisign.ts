import { execFileSync, spawnSync } from 'node:child_process';

/** Empty where the program minisign is installed, else why not, for a test's title. */
export function whyNoMinisign(): string {
  return spawnSync('minisign', ['-v']).status === 0 ? '' : ' (skipped: the program minisign is not installed)';
}

/** Runs minisign and returns what it printed; throws with its complaint where it fails. */
export function minisign(...args: readonly string[]): string {
  return execFileSync('minisign', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
