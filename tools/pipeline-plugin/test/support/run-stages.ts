import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const STAGES = ['collection', 'preprocessing', 'training', 'conversion', 'evaluation'];

/** Reads a JSON artifact such as `collect/manifest.json`. */
export type ReadArtifact = (path: string) => Promise<ReturnType<typeof JSON.parse>>;

/**
 * Makes a workspace with one pipeline in an empty folder and runs its stages up to the evaluation, as Nx does.
 *
 * @param files what lies beside the config, by name
 * @throws Error with what a stage wrote when it fails
 */
export async function runPipelineOf(
  workspace: string,
  config: string,
  files: Readonly<Record<string, string>>,
): Promise<ReadArtifact> {
  const pipeline = join(workspace, 'data', 'pipelines', 'my-flows');
  await mkdir(pipeline, { recursive: true });
  await writeFile(join(workspace, 'nx.json'), '{}');
  await writeFile(join(pipeline, 'edgeguard.config.json'), config);
  for (const [name, content] of Object.entries(files)) await writeFile(join(pipeline, name), content);
  for (const stage of STAGES) {
    const program = join(ROOT, 'packages', stage, 'dist', 'cli.js');
    const { status, stderr } = spawnSync(process.execPath, [program, '--pipeline', pipeline], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${stage} ended with ${status}: ${stderr}`);
  }
  return async (path) => JSON.parse(await readFile(join(workspace, 'data', 'artifacts', 'my-flows', path), 'utf8'));
}
