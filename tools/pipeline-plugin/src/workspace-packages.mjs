// @ts-check
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A package of the workspace.
 * @typedef {{ name: string, folder: string, workspaceDependencies: string[], externalDependencies: string[] }} WorkspacePackage
 */

/**
 * Reads the packages below `packages/`, by their folder's name.
 * @param {string} workspaceRoot
 * @returns {Map<string, WorkspacePackage>}
 */
export function readWorkspacePackages(workspaceRoot) {
  const packages = new Map();
  for (const folder of readdirSync(join(workspaceRoot, 'packages')).sort()) {
    const file = join(workspaceRoot, 'packages', folder, 'package.json');
    if (!existsSync(file)) continue;
    const { name, dependencies = {} } = JSON.parse(readFileSync(file, 'utf8'));
    const names = Object.keys(dependencies).sort();
    packages.set(folder, {
      name,
      folder,
      workspaceDependencies: names.filter((n) => n.startsWith('@edgeguard/')).map((n) => n.slice('@edgeguard/'.length)),
      externalDependencies: names.filter((n) => !n.startsWith('@edgeguard/')),
    });
  }
  return packages;
}

/**
 * A package and all that it imports, directly or not, in a stable order. Nx 23 ignores `dependencies: true` beside
 * `projects`, so the closure is listed by hand.
 * @param {Map<string, WorkspacePackage>} packages
 * @param {string} folder
 * @returns {WorkspacePackage[]}
 */
export function packageClosure(packages, folder) {
  const found = new Set();
  const visit = (/** @type {string} */ at) => {
    const entry = packages.get(at);
    if (!entry) throw new Error(`no package packages/${at}`);
    if (found.has(entry)) return;
    found.add(entry);
    entry.workspaceDependencies.forEach(visit);
  };
  visit(folder);
  return [...found].sort((a, b) => (a.folder < b.folder ? -1 : 1));
}
