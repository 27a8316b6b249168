// Writes the table of flow-core's features in docs/flow-sources.md from their definitions.
// Usage: npx tsc -b packages/metering && node packages/metering/scripts/flow-core-reference.mjs [--check]
import { readFileSync, writeFileSync } from 'node:fs';
import { flowCoreReference } from '@edgeguard/metering';

const BEGIN = '<!-- features: begin, written by packages/metering/scripts/flow-core-reference.mjs -->';
const END = '<!-- features: end -->';

const page = new URL('../../../docs/flow-sources.md', import.meta.url);
const before = readFileSync(page, 'utf8');
const [head, rest] = before.split(BEGIN);
const tail = rest?.split(END)[1];
if (tail === undefined) throw new Error('docs/flow-sources.md has no place for the table');
const after = `${head}${BEGIN}\n\n${flowCoreReference()}\n\n${END}${tail}`;
if (!process.argv.includes('--check')) {
  writeFileSync(page, after);
} else if (before !== after) {
  console.error('docs/flow-sources.md is out of date: run node packages/metering/scripts/flow-core-reference.mjs');
  process.exitCode = 1;
}
