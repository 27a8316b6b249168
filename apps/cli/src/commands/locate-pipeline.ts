import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { CONFIG_FILE, UserError } from '@edgeguard/contracts';
import { artifactsFolder, findWorkspaceRoot, type StageLocation } from '@edgeguard/contracts/stage';

/**
 * The pipeline that a user means: a folder with a config, or a name under `data/pipelines` of the workspace.
 *
 * @throws UserError that lists the pipelines there are
 */
export function locatePipeline(name: string, artifacts: string | undefined): StageLocation {
  const pipelineFolder = existsSync(join(name, CONFIG_FILE)) ? resolve(name) : byName(name);
  return {
    pipelineFolder,
    artifacts: artifacts
      ? resolve(artifacts)
      : artifactsFolder(findWorkspaceRoot(pipelineFolder), basename(pipelineFolder)),
  };
}

function byName(name: string): string {
  const pipelines = join(findWorkspaceRoot(process.cwd()), 'data', 'pipelines');
  const folder = join(pipelines, name);
  if (existsSync(join(folder, CONFIG_FILE))) return folder;
  if (existsSync(name)) {
    throw new UserError(name, `it has no ${CONFIG_FILE}`, 'name a pipeline or the folder of its config');
  }
  const known = pipelineNames(pipelines);
  throw new UserError(
    name,
    `no pipeline of this name in ${pipelines}`,
    known.length === 0 ? 'make a folder there with a config' : `there are: ${known.join(', ')}`,
  );
}

function pipelineNames(pipelines: string): string[] {
  if (!existsSync(pipelines)) return [];
  return readdirSync(pipelines)
    .filter((entry) => existsSync(join(pipelines, entry, CONFIG_FILE)))
    .sort();
}
