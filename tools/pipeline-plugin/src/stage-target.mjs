// @ts-check
import { packageClosure } from './workspace-packages.mjs';

/** @import { WorkspacePackage } from './workspace-packages.mjs' */

/**
 * A stage, as `packages/contracts/stages.json` lists it.
 * @typedef {{ target: string, package: string, after: string[], cached: boolean }} Stage
 */

/**
 * The Nx target of a stage for one pipeline. It depends on `seed` and its own section of the config, the sources and
 * npm dependencies of its package's closure, and the digests of the stages before it; nothing else.
 *
 * @param {Stage} stage
 * @param {string} pipeline name of the pipeline
 * @param {Map<string, WorkspacePackage>} packages
 * @param {boolean} readsOutsideFiles whether the stage's section names files outside the workspace
 */
export function stageTarget(stage, pipeline, packages, readsOutsideFiles) {
  const closure = packageClosure(packages, stage.package);
  return {
    executor: 'nx:run-commands',
    cache: stage.cached,
    dependsOn: [{ projects: [`@edgeguard/${stage.package}`], target: 'build' }, ...stage.after],
    inputs: [
      { json: '{projectRoot}/edgeguard.config.json', fields: ['seed', stage.target] },
      ...closure.flatMap(({ folder }) => [
        `{workspaceRoot}/packages/${folder}/src/**/*`,
        `{workspaceRoot}/packages/${folder}/package.json`,
      ]),
      '{workspaceRoot}/packages/contracts/stages.json',
      '{workspaceRoot}/tsconfig.base.json',
      { externalDependencies: externalDependencies(closure) },
      ...(stage.after.length > 0 ? [{ dependentTasksOutputFiles: '**/digest.json', transitive: false }] : []),
      ...(readsOutsideFiles
        ? // Nx hashes standard error too, and Node's warnings name the process.
          [
            {
              runtime: `node --no-warnings tools/pipeline-plugin/src/hash-sources.mjs data/pipelines/${pipeline} ${stage.target}`,
            },
          ]
        : []),
    ],
    outputs: [`{workspaceRoot}/data/artifacts/${pipeline}/${stage.target}`],
    options: {
      command: `node packages/${stage.package}/dist/cli.js --pipeline data/pipelines/${pipeline}`,
      cwd: '{workspaceRoot}',
    },
    metadata: { description: `Stage ${stage.target} of the pipeline ${pipeline}` },
  };
}

/** @param {WorkspacePackage[]} closure */
function externalDependencies(closure) {
  return [...new Set(['typescript', ...closure.flatMap((entry) => entry.externalDependencies)])].sort();
}
