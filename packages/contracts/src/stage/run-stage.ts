import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CONFIG_FILE, type PipelineConfig, PipelineConfigSchema } from '../config/pipeline-config.ts';
import { readJson } from '../documents/json.ts';
import type { ManifestDocument } from '../documents/manifest.ts';
import { OutputFolder } from '../files/output-folder.ts';
import { sha256OfFile } from '../files/sha256.ts';
import { UsageError, UserError } from '../user-error.ts';
import { createLogger, type Logger } from './logger.ts';
import { Interrupted, runCommand } from './run-command.ts';
import { type StageName, stageOf } from './stages.ts';
import { artifactsFolder, findWorkspaceRoot } from './workspace.ts';

/** Where a stage runs: which pipeline, and where its artifacts are. */
export interface StageLocation {
  /** Folder that holds `edgeguard.config.json`; its name is the pipeline's name. */
  readonly pipelineFolder: string;
  /** Folder that holds one folder per target. */
  readonly artifacts: string;
}

/** What a stage gets to work with. */
export interface StageContext extends StageLocation {
  readonly pipeline: string;
  readonly config: PipelineConfig;
  readonly workspaceRoot: string;
  readonly output: OutputFolder;
  readonly log: Logger;
  /** Aborts on Ctrl-C. Stages check it between batches. */
  readonly signal: AbortSignal;
  /** Path of a file that an earlier stage wrote. Throws a UserError that says which stage to run. */
  input(target: StageName, file: string): string;
}

/** What a stage reports for its manifest. */
export interface StageReport {
  readonly rows: Readonly<Record<string, number>>;
  readonly dropped?: Readonly<Record<string, number>>;
  readonly versions?: Readonly<Record<string, string>>;
  readonly notes?: readonly string[];
  /** Digests of inputs that no stage wrote, such as captures, by a name that is the same on every machine. */
  readonly inputs?: Readonly<Record<string, string>>;
}

/** A cached stage: a function from earlier files to files in `context.output`. */
export interface StageDefinition {
  readonly target: Exclude<StageName, 'detect'>;
  run(context: StageContext): Promise<StageReport>;
}

/** Runs a stage on one pipeline, in process, and moves its output into place. */
export async function runStage(
  definition: StageDefinition,
  location: StageLocation,
  signal: AbortSignal,
  log: Logger = createLogger(definition.target),
): Promise<void> {
  const { target } = definition;
  const config = await readPipelineConfig(location.pipelineFolder);
  const inputs = new Map<string, string>();
  const output = await OutputFolder.create(join(location.artifacts, target));
  try {
    const report = await definition.run({
      ...location,
      pipeline: basename(location.pipelineFolder),
      config,
      workspaceRoot: findWorkspaceRoot(location.pipelineFolder),
      output,
      log,
      signal,
      input: (from, file) => {
        const path = inputPath(location.artifacts, target, from, file);
        inputs.set(`${from}/${file}`, path);
        return path;
      },
    });
    if (signal.aborted) throw new Interrupted();
    const digests: Record<string, string> = {};
    for (const [name, path] of [...inputs].sort(([a], [b]) => (a < b ? -1 : 1)))
      digests[name] = await sha256OfFile(path);
    await output.commit(manifestOf(target, config, digests, report));
    log.info(`wrote ${output.folder}`);
  } catch (error) {
    await output.discard();
    throw error;
  }
}

/** Reads and checks the config of a pipeline. */
export async function readPipelineConfig(pipelineFolder: string): Promise<PipelineConfig> {
  return readJson(join(pipelineFolder, CONFIG_FILE), PipelineConfigSchema);
}

/** The main function of a stage package's `cli.ts`: `node dist/cli.js --pipeline <folder> [--artifacts <folder>]`. */
export async function runStageCommand(
  definition: StageDefinition,
  argv: readonly string[] = process.argv.slice(2),
): Promise<void> {
  await runCommand(definition.target, async (signal) => {
    await runStage(definition, parseStageLocation(definition.target, argv), signal);
  });
}

/** Parses the arguments that every stage command has. */
export function parseStageLocation(target: StageName, argv: readonly string[]): StageLocation {
  const usage = `usage: --pipeline <folder with ${CONFIG_FILE}> [--artifacts <folder>]`;
  let values: { pipeline?: string | undefined; artifacts?: string | undefined };
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: { pipeline: { type: 'string' }, artifacts: { type: 'string' } },
    }));
  } catch (error) {
    throw new UsageError(`${(error as Error).message}; ${usage}`);
  }
  if (!values.pipeline) throw new UsageError(`${target} needs --pipeline; ${usage}`);
  const pipelineFolder = resolve(values.pipeline);
  const artifacts = values.artifacts
    ? resolve(values.artifacts)
    : artifactsFolder(findWorkspaceRoot(pipelineFolder), basename(pipelineFolder));
  return { pipelineFolder, artifacts };
}

function inputPath(artifacts: string, target: StageName, from: StageName, file: string): string {
  if (!stageOf(target).after.includes(from)) throw new Error(`${target} may not read outputs of ${from}`);
  const path = join(artifacts, from, file);
  if (!existsSync(path))
    throw new UserError(path, `${target} needs it and it is not there`, `run the stage ${from} first`);
  return path;
}

function manifestOf(
  target: Exclude<StageName, 'detect'>,
  config: PipelineConfig,
  inputs: Record<string, string>,
  report: StageReport,
): Omit<ManifestDocument, 'format' | 'version' | 'outputs'> {
  return {
    stage: target,
    config: config[target],
    seed: config.seed,
    inputs: { ...inputs, ...report.inputs },
    rows: { ...report.rows },
    dropped: { ...report.dropped },
    versions: { ...report.versions },
    notes: [...(report.notes ?? [])],
  };
}
