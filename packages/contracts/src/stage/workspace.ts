import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UserError } from '../user-error.ts';

/** The folder with `nx.json` at or above `from`. */
export function findWorkspaceRoot(from: string): string {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'nx.json'))) return folder;
    if (folder === dirname(folder)) {
      throw new UserError(from, 'not inside an EdgeGuard workspace (no nx.json above it)', 'run it from the workspace');
    }
  }
}

/** Where a pipeline's artifacts are: `<workspace>/data/artifacts/<pipeline>`. */
export function artifactsFolder(workspaceRoot: string, pipeline: string): string {
  return join(workspaceRoot, 'data', 'artifacts', pipeline);
}

/** The folder with real data: `EDGEGUARD_DATA`, or `../shared/data` beside the workspace. May not exist. */
export function dataFolder(workspaceRoot: string, environment: NodeJS.ProcessEnv = process.env): string {
  const named = environment['EDGEGUARD_DATA'];
  return named ? resolve(named) : join(workspaceRoot, '..', 'shared', 'data');
}
