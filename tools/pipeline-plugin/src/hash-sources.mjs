// @ts-check
// Prints one digest of the content of the files that a stage's source names. Nx runs it as a `runtime` input, so that
// a change of a capture outside the workspace is noticed. Paths take part relative to their root: the same data in
// another folder gives the same digest.
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { filePatterns, filesOf, patternRoot } from './source-files.mjs';

const [pipelineFolder, target] = process.argv.slice(2);
if (!pipelineFolder || !target) throw new Error('usage: hash-sources.mjs <pipeline folder> <target>');
const workspaceRoot = process.cwd();
const section = JSON.parse(readFileSync(join(workspaceRoot, pipelineFolder, 'edgeguard.config.json'), 'utf8'))[target];
const root = patternRoot(section, pipelineFolder, workspaceRoot);

const hash = createHash('sha256');
for (const pattern of filePatterns(section)) {
  hash.update(`pattern ${pattern}\n`);
  for (const path of filesOf(pattern, root)) {
    hash.update(`file ${relative(root, path)}\n`);
    for await (const chunk of createReadStream(path)) hash.update(chunk);
  }
}
process.stdout.write(`${hash.digest('hex')}\n`);
