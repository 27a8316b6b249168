// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readsOutsideFiles } from './source-files.mjs';
import { stageTarget } from './stage-target.mjs';
import { packageClosure, readWorkspacePackages } from './workspace-packages.mjs';

/** @import { CreateNodesV2 } from 'nx/src/devkit-exports' */
/** @import { Stage } from './stage-target.mjs' */

/**
 * An Nx plugin: each folder `data/pipelines/<name>/` with an `edgeguard.config.json` becomes the project `<name>` with
 * one target per stage. Plain JavaScript with checked types, so that Nx can load it before anything is built.
 *
 * @type {CreateNodesV2}
 */
export const createNodesV2 = [
  'data/pipelines/*/edgeguard.config.json',
  (configFiles, _options, context) => configFiles.map((file) => [file, createPipelineProject(file, context)]),
];

export const name = 'edgeguard-pipelines';

/**
 * @param {string} configFile
 * @param {{ workspaceRoot: string }} context
 */
function createPipelineProject(configFile, { workspaceRoot }) {
  const projectRoot = dirname(configFile);
  const pipeline = basename(projectRoot);
  const packages = readWorkspacePackages(workspaceRoot);
  const config = readConfig(join(workspaceRoot, configFile));
  const stages = readStages(workspaceRoot).filter((stage) => stage.cached || stage.target in config);
  const targets = Object.fromEntries(
    stages.map((stage) => [
      stage.target,
      stageTarget(stage, pipeline, packages, readsOutsideFiles(config[stage.target])),
    ]),
  );
  const used = new Set(stages.flatMap((stage) => packageClosure(packages, stage.package).map((entry) => entry.name)));
  return {
    projects: {
      [projectRoot]: {
        name: pipeline,
        projectType: /** @type {const} */ ('application'),
        tags: ['pipeline'],
        // Without these `nx affected` would not see that a package's change concerns the pipeline.
        implicitDependencies: [...used].sort(),
        targets,
      },
    },
  };
}

/**
 * The config as far as the graph needs it. A config that is not JSON still becomes a project: the stage then says what
 * is wrong with it.
 * @param {string} path
 * @returns {Record<string, any>}
 */
function readConfig(path) {
  try {
    const config = JSON.parse(readFileSync(path, 'utf8'));
    return typeof config === 'object' && config !== null ? config : {};
  } catch {
    return {};
  }
}

/**
 * @param {string} workspaceRoot
 * @returns {Stage[]}
 */
function readStages(workspaceRoot) {
  const file = join(workspaceRoot, 'packages', 'contracts', 'stages.json');
  if (!existsSync(file)) throw new Error(`${file} is missing`);
  return JSON.parse(readFileSync(file, 'utf8')).stages;
}
