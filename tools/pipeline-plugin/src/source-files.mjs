// @ts-check
import { existsSync, readdirSync, statSync } from 'node:fs';
import { isAbsolute, join, matchesGlob, relative, resolve, sep } from 'node:path';

/**
 * Whether a section of a config names files that Nx does not hash by itself.
 * @param {any} section
 */
export function readsOutsideFiles(section) {
  return filePatterns(section).length > 0;
}

/**
 * Paths and patterns of the source that a section of a config names.
 * @param {any} section
 * @returns {string[]}
 */
export function filePatterns(section) {
  const source = section?.source;
  if (!source || typeof source !== 'object') return [];
  const named = [source.paths, source.path, source.files, source.train, source.test, source.labels].flat();
  return named.filter((entry) => typeof entry === 'string');
}

/**
 * The folder that relative patterns start at.
 * @param {any} section
 * @param {string} pipelineFolder
 * @param {string} workspaceRoot
 */
export function patternRoot(section, pipelineFolder, workspaceRoot) {
  if (section?.source?.root !== 'data') return resolve(workspaceRoot, pipelineFolder);
  const named = process.env['EDGEGUARD_DATA'];
  return named ? resolve(named) : join(workspaceRoot, '..', 'shared', 'data');
}

/**
 * Files that a pattern names, sorted. A pattern without `*` or `?` is a path.
 * @param {string} pattern
 * @param {string} root
 * @returns {string[]}
 */
export function filesOf(pattern, root) {
  const full = isAbsolute(pattern) ? pattern : join(root, pattern);
  if (!/[*?[{]/.test(pattern)) return existsSync(full) && statSync(full).isFile() ? [full] : [];
  const fixed = full.slice(0, full.search(/[*?[{]/));
  const base = fixed.slice(0, fixed.lastIndexOf(sep) + 1);
  if (!existsSync(base)) return [];
  return readdirSync(base, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => matchesGlob(relative('/', path), relative('/', full)))
    .sort();
}
