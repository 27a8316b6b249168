#!/usr/bin/env node
// @ts-check
import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { assertReplaceable, fileProblem, UsageError, UserError } from '@edgeguard/contracts/problems';
import { writeAtomically } from '@edgeguard/contracts';
import { runCommand } from '@edgeguard/contracts/stage';
import { loadDanfo } from './data-frame.mjs';
import { driftOf, profileOf } from './profile/profile.mjs';
import { renderProfile } from './profile/page.mjs';
import { startRepl } from './repl.mjs';
import { sampleOf } from './sample.mjs';

const USAGE = `usage: node tools/explore/src/main.mjs [--rows N] [--profile PAGE.html] FILE.arrow|FOLDER ...

Opens samples of Arrow artifacts as data frames in a REPL; with --profile, writes a page about them instead. Of a folder every
.arrow file is opened, train first. The others are compared with the first.

  --rows N             rows that are kept of each file (default 20000)
  --profile PAGE.html  write types, missing values, quantiles, correlations and drift to this page
  --help`;

/** Rows beyond which a data frame of a hundred columns no longer fits a Node.js process. */
const MOST_ROWS = 1_000_000;

/** Splits in the order of the pipeline; other files follow by name. */
const FIRST = ['train.arrow', 'validation.arrow', 'calibration.arrow', 'test.arrow'];

await runCommand('explore', async () => {
  const { files: named, rows, page, help } = readArguments(process.argv.slice(2));
  if (help) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const files = (await Promise.all(named.map(filesOf))).flat();
  const danfo = page === undefined ? await loadDanfo() : undefined;
  if (page !== undefined) assertPageIsFree(page, files);
  const samples = [];
  for (const file of files) samples.push(await sampleOf(file, rows));
  const names = namesOf(files);
  if (danfo) return startRepl(danfo, names, samples);
  const profiles = samples.map((sample, i) => profileOf(names[i], sample));
  await writeAtomically(
    /** @type {string} */ (page),
    renderProfile(profiles, samples.length > 1 ? driftOf(samples) : []),
  );
  process.stdout.write(`${page}\n`);
});

/**
 * Throws where the page would replace what is no page, before the samples are read.
 *
 * @param {string} page
 * @param {readonly string[]} files
 */
function assertPageIsFree(page, files) {
  assertReplaceable(page);
  if (files.some((file) => resolve(file) === resolve(page))) {
    throw new UserError(page, 'it is one of the files that are read', 'name another file for the page');
  }
}

/** @param {string[]} words */
function readArguments(words) {
  let parsed;
  try {
    parsed = parseArgs({
      args: words,
      allowPositionals: true,
      options: { rows: { type: 'string' }, profile: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
  } catch (error) {
    throw new UsageError(/** @type {Error} */ (error).message);
  }
  const { values, positionals } = parsed;
  const rows = Number(values.rows ?? 20_000);
  if (!Number.isInteger(rows) || rows < 1 || rows > MOST_ROWS) {
    throw new UsageError(`--rows ${values.rows}: not a whole number from 1 to ${MOST_ROWS}`);
  }
  if (positionals.length === 0 && !values.help) throw new UsageError(`no file is named; ${USAGE.split('\n')[0]}`);
  return { files: positionals, rows, page: values.profile, help: values.help === true };
}

/**
 * The file, or the Arrow files of a folder.
 *
 * @param {string} path
 */
async function filesOf(path) {
  let entries;
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    entries = await readdir(path);
  } catch (error) {
    throw fileProblem(path, error);
  }
  const found = entries.filter((name) => name.endsWith('.arrow'));
  if (found.length === 0) throw new UserError(path, 'holds no .arrow file', 'name the folder of a stage, or a file');
  const place = (/** @type {string} */ name) => FIRST.indexOf(name) + 1 || FIRST.length + 1;
  return found.sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1)).map((name) => join(path, name));
}

/**
 * What each file is called: its name without its ending, or its path where two would be the same.
 *
 * @param {readonly string[]} files
 */
function namesOf(files) {
  const short = files.map((file) => basename(file, '.arrow'));
  return short.map((name, i) => (short.indexOf(name) === short.lastIndexOf(name) ? name : files[i]));
}
