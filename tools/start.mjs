// `npm start`: builds the workspace, runs the demo pipeline through `evaluate` (cached stages are restored, not rebuilt),
// then lets the demo's detector look at traffic that it has not seen.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PIPELINE = 'demo';
const workspaceRoot = join(fileURLToPath(import.meta.url), '..', '..');
const require = createRequire(import.meta.url);

/** Alerts that are shown of all that `detect` raised. */
const SHOWN_ALERTS = 8;

/**
 * Runs a Node program of the workspace and ends with its exit code where that is not 0.
 * @param {'inherit' | 'pipe'} output where its standard output goes; the rest goes to the terminal
 * @param {string} program
 * @param {string[]} parameters
 */
function run(output, program, ...parameters) {
  const { status, signal, stdout } = spawnSync(process.execPath, [program, ...parameters], {
    cwd: workspaceRoot,
    stdio: ['inherit', output, 'inherit'],
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    // No daemon: nothing goes on running when this command has ended.
    env: { ...process.env, NX_DAEMON: 'false' },
  });
  if (status !== 0) process.exit(signal ? 1 : (status ?? 1));
  return stdout ?? '';
}

/**
 * Prints some alerts, spread evenly over all of them, so that each attack has a chance to be seen.
 * @param {string} text alerts in the format `text`: the lines after an alert's first are indented
 */
function showAlerts(text) {
  const alerts = text.split(/\n(?=\S)/).map((alert) => alert.trimEnd());
  const shown = Math.min(SHOWN_ALERTS, alerts.length);
  process.stdout.write(`\nAlerts (${shown} of ${alerts.length} events):\n`);
  for (let i = 0; i < shown; i++) {
    process.stdout.write(`${alerts[Math.floor((i * alerts.length) / shown)]}\n`);
  }
}

/**
 * The program behind a package's `bin`.
 * @param {string} name
 * @param {string} command
 */
function programOf(name, command) {
  const file = require.resolve(`${name}/package.json`);
  const { bin } = require(file);
  return join(file, '..', typeof bin === 'string' ? bin : bin[command]);
}

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`start: Node ${process.versions.node} is too old; install Node 20.19 or newer\n`);
  process.exit(1);
}

const nx = programOf('nx', 'nx');
run('inherit', programOf('typescript', 'tsc'), '-b');
run('inherit', nx, 'run', `${PIPELINE}:evaluate`, '--output-style=stream');
showAlerts(
  run('pipe', 'packages/runtime/dist/cli.js', '--pipeline', join('data', 'pipelines', PIPELINE), '--format', 'text'),
);
process.stdout.write(`\nReport:   ${join('data', 'artifacts', PIPELINE, 'evaluate', 'report.html')}\n`);
process.stdout.write(`Detector: ${join('data', 'artifacts', PIPELINE, 'convert', 'detector.int8.tflite')}\n`);
process.stdout.write(`Alerts:   ${join('data', 'artifacts', PIPELINE, 'detect', 'alerts.eve.jsonl')}\n`);
