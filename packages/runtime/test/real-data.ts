import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder, findWorkspaceRoot } from '@edgeguard/contracts/stage';

const folder = dataFolder(findWorkspaceRoot(import.meta.dirname));

/** A path in the folder of real data. */
export function realData(...path: string[]): string {
  return join(folder, ...path);
}

/** Empty where the data is there, else why a test of it is skipped, for its title. */
export function whySkipped(...path: string[]): string {
  return existsSync(realData(...path)) ? '' : ` (skipped: no ${join(...path)} in EDGEGUARD_DATA)`;
}
