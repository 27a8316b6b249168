import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONFIG_FILE, UserError } from '@edgeguard/contracts';
import { dataFolder, findWorkspaceRoot } from '@edgeguard/contracts/stage';

/** Packages of the stages up to the evaluation, in order. */
const STAGES = ['collection', 'preprocessing', 'training', 'conversion', 'evaluation'];

/** What the tables show of one detector or baseline in `evaluation.json`. */
export interface Result {
  readonly name: string;
  readonly atThreshold: {
    readonly detectionRate: { readonly value: number } | null;
    readonly falseAlarmRate: { readonly value: number } | null;
    readonly f1: number | null;
    readonly macroDetectionRate: number | null;
    readonly perAttack: readonly { readonly attack: string; readonly rows: number; readonly alerts: number }[];
  };
  readonly oracle: {
    readonly rocAuc: number | null;
    readonly prAuc: number | null;
    readonly macroRocAuc: number | null;
    readonly rocAucPerAttack: readonly { readonly attack: string; readonly rocAuc: number | null }[];
    readonly detectionAt: readonly { readonly falseAlarmRate: number; readonly detectionRate: number | null }[];
  };
  readonly onNewRows: { readonly rocAuc: number | null };
  readonly bootstrap: { readonly unit: string; readonly rocAuc: readonly [number, number] | null };
}

export interface Evaluation {
  readonly detectors: readonly Result[];
  readonly baselines: readonly Result[];
}

/**
 * Runs a pipeline's stages with another seed (of splits, noise and weights) in a folder of its own, which is removed.
 *
 * @param change changes the parsed config before it is written
 */
export function runPipeline(
  name: string,
  seed: number,
  change: (config: ReturnType<typeof JSON.parse>) => void = () => undefined,
): Promise<Evaluation> {
  return withPipeline(name, { seed, stages: STAGES, change }, async (artifacts) => {
    const path = join(artifacts, 'evaluate', 'evaluation.json');
    return JSON.parse(await readFile(path, 'utf8')) as Evaluation;
  });
}

/** As {@link runPipeline}, up to the conversion. `use` gets the folder of the artifacts, which is removed afterwards. */
export function withDetector<T>(
  name: string,
  seed: number,
  use: (artifacts: string) => Promise<T>,
  change: (config: Record<string, unknown>) => void = () => undefined,
): Promise<T> {
  return withPipeline(name, { seed, stages: STAGES.slice(0, -1), change }, use);
}

interface PipelineRun {
  readonly seed: number;
  /** Packages of the stages to run. */
  readonly stages: readonly string[];
  readonly change: (config: Record<string, unknown>) => void;
}

async function withPipeline<T>(
  name: string,
  { seed, stages, change }: PipelineRun,
  use: (artifacts: string) => Promise<T>,
): Promise<T> {
  const root = findWorkspaceRoot(import.meta.dirname);
  const scratch = await mkdtemp(join(tmpdir(), 'edgeguard-bench-'));
  try {
    const config = JSON.parse(await readFile(join(root, 'data', 'pipelines', name, CONFIG_FILE), 'utf8'));
    change(config);
    const pipeline = join(scratch, 'data', 'pipelines', name);
    await mkdir(pipeline, { recursive: true });
    await writeFile(join(scratch, 'nx.json'), '{}');
    await writeFile(join(pipeline, CONFIG_FILE), JSON.stringify({ ...config, seed }));
    for (const stage of stages) {
      const { status, stderr } = spawnSync(
        process.execPath,
        [join(root, 'packages', stage, 'dist', 'cli.js'), '--pipeline', pipeline],
        { encoding: 'utf8', env: { ...process.env, EDGEGUARD_DATA: dataFolder(root) } },
      );
      if (status !== 0) {
        const [problem = 'it failed'] = stderr.trim().split('\n').slice(-1);
        throw new UserError(`pipeline ${name}, seed ${seed}`, problem, `see the stage ${stage}`);
      }
    }
    return await use(join(scratch, 'data', 'artifacts', name));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
