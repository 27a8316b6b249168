// @ts-check
import { start } from 'node:repl';
import { dataFrameOf } from './data-frame.mjs';

/**
 * A REPL with the samples as data frames; resolves when it is left.
 *
 * @param {import('./data-frame.mjs').Danfo} danfo
 * @param {readonly string[]} names
 * @param {readonly import('./sample.mjs').Sample[]} samples
 */
export async function startRepl(danfo, names, samples) {
  const frames = Object.fromEntries(names.map((name, i) => [name, dataFrameOf(danfo, samples[i])]));
  for (const [i, { fileRows, rows, columns }] of samples.entries()) {
    const kept = rows < fileRows ? `${rows} of ${fileRows} rows` : `${rows} rows`;
    process.stdout.write(`frames[${JSON.stringify(names[i])}]: ${kept}, ${columns.length} columns\n`);
  }
  process.stdout.write('df is the first of them, dfd is danfojs; leave with .exit\n');
  const repl = start({ prompt: '> ', useGlobal: false });
  Object.assign(repl.context, { dfd: danfo, frames, df: frames[names[0]] });
  await new Promise((resolve) => repl.once('exit', resolve));
}
