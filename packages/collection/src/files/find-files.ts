import { existsSync } from 'node:fs';
import { basename, isAbsolute, join, relative, sep } from 'node:path';
import { UserError } from '@edgeguard/contracts';
import { dataFolder, type StageContext } from '@edgeguard/contracts/stage';
import { expandCapturePaths } from '@edgeguard/sources';

/** A file to read. */
export interface SourceFile {
  readonly path: string;
  /** Its name in `flows.arrow`: the path from its root with `/`, the same on every machine. */
  readonly name: string;
}

/** Files as a config names them. */
export interface NamedFiles {
  readonly paths: readonly string[];
  readonly root: 'pipeline' | 'data';
}

/**
 * The files that a config names, in its order, those of a pattern sorted.
 *
 * @throws UserError when the data folder is missing or a pattern matches nothing
 */
export async function findFiles(context: StageContext, source: NamedFiles): Promise<SourceFile[]> {
  const root = rootFolder(context, source.root);
  const paths = await expandCapturePaths(source.paths.map((path) => (isAbsolute(path) ? path : join(root, path))));
  return paths.map((path) => ({ path, name: nameBelow(root, path) }));
}

/** The folder that relative paths of a source start from. */
export function rootFolder(context: StageContext, root: 'pipeline' | 'data'): string {
  if (root === 'pipeline') return context.pipelineFolder;
  const folder = dataFolder(context.workspaceRoot);
  if (existsSync(folder)) return folder;
  throw new UserError(
    folder,
    `the pipeline ${context.pipeline} reads data that are expected in this folder, and it is not there`,
    'put them there, or set EDGEGUARD_DATA to the folder that holds them',
  );
}

/** The path of a file from its root with `/`; of a file elsewhere its name alone. */
export function nameBelow(root: string, path: string): string {
  const below = relative(root, path);
  return below.startsWith('..') || isAbsolute(below) ? basename(path) : below.split(sep).join('/');
}
