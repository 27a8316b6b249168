// Checks the package @edgeguard/tflite as a stranger gets it: packs it, lints tarball and types, installs it in empty
// projects, and runs the README's first example there. Needs a package registry.
// usage: node tools/check-package.mjs
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const PACKAGE = path.join(ROOT, 'packages/tflite');
const TENSORFLOW = '4.22.0';

/**
 * How a project installs the package.
 *
 * @typedef {{
 *   name: string, install: readonly string[], dependencies: readonly string[], env: NodeJS.ProcessEnv
 * }} Project
 */

const folder = mkdtempSync(path.join(tmpdir(), 'edgeguard-package-'));
const ENGINES = ['native', 'wasm', 'reference', 'auto'];

/**
 * Projects that people have: nothing else; TensorFlow.js in the version that it has today; an older npm, which runs
 * install scripts, on a machine without a compiler.
 *
 * @type {readonly Project[]}
 */
const PROJECTS = [
  { name: 'an empty project', install: ['npm', 'install', '--ignore-scripts'], dependencies: [], env: {} },
  {
    name: `a project with TensorFlow.js ${TENSORFLOW}`,
    install: ['npm', 'install', '--ignore-scripts'],
    dependencies: [`@tensorflow/tfjs-core@${TENSORFLOW}`, `@tensorflow/tfjs-layers@${TENSORFLOW}`],
    env: {},
  },
  {
    name: 'npm 10 without a compiler',
    install: ['npx', '--yes', 'npm@10', 'install', '--no-ignore-scripts'],
    dependencies: [],
    env: { PATH: pathWithoutCompiler(path.join(folder, 'bin')) },
  },
];

try {
  run('tsc -b', 'npx', ['tsc', '-b', 'packages/tflite'], ROOT);
  // The package's own script, which copies the native libraries; the workspace's .npmrc turns scripts off.
  run('npm pack', 'npm', ['pack', '--no-ignore-scripts', '--pack-destination', folder], PACKAGE);
  const { name, version } = JSON.parse(readFileSync(path.join(PACKAGE, 'package.json'), 'utf8'));
  const tarball = path.join(folder, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`);
  checkContent(tarball);
  run('publint', 'npx', ['publint', 'run', tarball, '--strict'], ROOT);
  run('attw (esm-only)', 'npx', ['attw', tarball, '--profile', 'esm-only'], ROOT);
  for (const [i, project] of PROJECTS.entries()) checkProject(path.join(folder, `project${i}`), project, tarball);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Sources are there for the declaration maps and the condition of the workspace; nothing is there by accident. */
function checkContent(/** @type {string} */ tarball) {
  const files = run('tar', 'tar', ['tzf', tarball], ROOT).trim().split('\n');
  const expected =
    /^package\/(package\.json|README\.md|LICENSE|NOTICE|licenses\/.+\.txt|native\/.+\.(so|dylib|dll)|src\/.+\.ts|dist\/.+\.(js|d\.ts)(\.map)?)$/;
  const others = files.filter((file) => !expected.test(file));
  if (others.length > 0) throw new Error(`the tarball has files that nobody needs: ${others.join(', ')}`);
  for (const file of ['package/LICENSE', 'package/README.md', 'package/src/index.ts', 'package/dist/index.d.ts']) {
    if (!files.includes(file)) throw new Error(`the tarball has no ${file}`);
  }
  const notice = readFileSync(path.join(PACKAGE, 'NOTICE'), 'utf8');
  const texts = [...notice.matchAll(/\(file (\S+)\)/g)].map(([, file]) => `package/${file}`);
  const missing = texts.filter((file) => !files.includes(file));
  if (texts.length < 5 || missing.length > 0) throw new Error(`the tarball lacks licences: ${missing.join(', ')}`);
  const libraries = files.filter((file) => file.startsWith('package/native/'));
  if (libraries.length !== 4) throw new Error(`the tarball has the libraries ${libraries.join(', ')}, not four`);
  process.stdout.write(`tarball: ${files.length} files, ${(statSync(tarball).size / 2 ** 20).toFixed(1)} MiB\n`);
}

/**
 * Installs the tarball and runs the README's first example on each engine. Then again without any tfjs-core: a peer
 * dependency of `@tensorflow/tfjs-tflite` asks for an old one, which the workspace overrides and a stranger's npm does
 * not. Nothing of it is ever loaded, so that it does not matter which one npm chooses.
 *
 * @param {string} project
 * @param {Project} given
 * @param {string} tarball
 */
function checkProject(project, { name, install, dependencies, env }, tarball) {
  const [program, ...parameters] = install;
  mkdirSync(project);
  writeFileSync(path.join(project, 'package.json'), '{ "private": true, "type": "module" }\n');
  run(`${name}: install`, program, [...parameters, '--no-audit', tarball, ...dependencies], project, env);
  checkScripts(project);
  const cores = run('find', 'find', ['node_modules', '-path', '*/@tensorflow/tfjs-core/package.json'], project)
    .trim()
    .split('\n');
  const versions = cores.map((file) => JSON.parse(readFileSync(path.join(project, file), 'utf8')).version);
  process.stdout.write(`${name}: tfjs-core ${versions.sort().join(' and ')}\n`);
  const example = exampleOf(project);
  checkTypes(project, name, example);
  runExample(project, name, example);
  for (const file of cores) rmSync(path.dirname(path.join(project, file)), { recursive: true });
  runExample(project, `${name}, tfjs-core removed`, example);
}

/**
 * Nothing that was installed has a script that runs at installation, nor brings the library a second time. koffi has
 * one, which looks for the binary that came as a platform package and then does nothing.
 */
function checkScripts(/** @type {string} */ project) {
  const { packages } = JSON.parse(readFileSync(path.join(project, 'node_modules/.package-lock.json'), 'utf8'));
  const wrong = Object.keys(packages).filter(
    (name) =>
      (packages[name].hasInstallScript === true && !name.endsWith('/koffi')) || name.endsWith('/tfjs-tflite-node'),
  );
  if (wrong.length > 0) throw new Error(`installed with a script, or twice: ${wrong.join(', ')}`);
}

/**
 * A PATH with Node, npm and a shell, and nothing that compiles.
 *
 * @param {string} bin
 */
function pathWithoutCompiler(bin) {
  mkdirSync(bin);
  for (const program of ['node', 'npm', 'npx', 'sh']) {
    const found = run(`which ${program}`, 'which', [program], ROOT).trim();
    symlinkSync(found, path.join(bin, program));
  }
  return bin;
}

/** The first code block of the README that was installed. */
function exampleOf(/** @type {string} */ project) {
  const readme = readFileSync(path.join(project, 'node_modules/@edgeguard/tflite/README.md'), 'utf8');
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1];
  if (example === undefined) throw new Error('the README has no example');
  return example;
}

/** The example and every import of the package in the workspace's TypeScript, declarations and all. */
function checkTypes(/** @type {string} */ project, /** @type {string} */ name, /** @type {string} */ example) {
  const { exports } = JSON.parse(
    readFileSync(path.join(project, 'node_modules/@edgeguard/tflite/package.json'), 'utf8'),
  );
  const paths = Object.keys(exports).filter((key) => key !== './package.json');
  const imports = paths.map((key, i) => `export * as part${i} from '@edgeguard/tflite${key.slice(1)}';\n`);
  writeFileSync(path.join(project, 'example.ts'), example);
  writeFileSync(path.join(project, 'imports.ts'), imports.join(''));
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--lib', 'es2023,dom'];
  const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
  run(`${name}: types`, process.execPath, [tsc, ...options, 'example.ts', 'imports.ts'], project);
}

/**
 * @param {string} project
 * @param {string} name
 * @param {string} example
 */
function runExample(project, name, example) {
  for (const engine of ENGINES) {
    const chosen = example.replace('{ log: console.log }', `{ log: console.log, engine: '${engine}' }`);
    if (chosen === example) throw new Error('the example loads its engine in another way than expected here');
    const code = `${chosen}\nconsole.log(engine.name, engine.detail, [...y].join(' '));\n`;
    writeFileSync(path.join(project, 'example.js'), code);
    const printed =
      run(`${name}: ${engine}`, process.execPath, ['example.js'], project).trim().split('\n').at(-1) ?? '';
    const expected = engine === 'auto' ? 'native' : engine;
    if (!printed.startsWith(`${expected} `) || !printed.endsWith(' 3 7 11')) throw new Error(`it printed ${printed}`);
    process.stdout.write(`  ${printed}\n`);
  }
}

/**
 * Runs a program and returns its standard output; where it fails, shows what it said and throws.
 *
 * @param {string} what
 * @param {string} program
 * @param {readonly string[]} parameters
 * @param {string} cwd
 * @param {NodeJS.ProcessEnv} env
 */
function run(what, program, parameters, cwd, env = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, parameters, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (error) throw error;
  if (status !== 0) {
    process.stderr.write(`${stdout}${stderr}`);
    throw new Error(`${what} failed with exit code ${status}`);
  }
  process.stdout.write(`${what}: passed\n`);
  return stdout;
}
