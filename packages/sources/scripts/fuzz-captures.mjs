// @ts-check
/**
 * Open-ended fuzzing of the capture reader and the meter:
 *
 *     node packages/sources/scripts/fuzz-captures.mjs CAPTURE... [--seconds 60] [--seed 1]
 *
 * Captures are files to damage (those up to 256 KiB are used) or folders of them. Ends with exit code 1 after ten
 * findings, which are left in `fuzz-findings/`. The same seed gives the same cases.
 */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { UserError } from '@edgeguard/contracts/problems';
import * as metering from '@edgeguard/metering';
import * as sources from '../dist/index.js';
import { fuzzCaptures } from './fuzz-core.mjs';

const LARGEST = 256 * 1024;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' } },
});
const files = positionals
  .flatMap((place) =>
    statSync(place).isDirectory()
      ? readdirSync(place, { recursive: true, encoding: 'utf8' })
          .filter((name) => /\.(pcap|pcapng|cap)$/.test(name))
          .sort()
          .map((name) => path.join(place, name))
      : [place],
  )
  .filter((file) => statSync(file).size > 0 && statSync(file).size <= LARGEST);
if (files.length === 0) {
  console.error('fuzz-captures: no capture of up to 256 KiB to damage; name files or folders');
  process.exit(2);
}
const seconds = Number(values.seconds);
const result = fuzzCaptures({
  captures: files.map((file) => new Uint8Array(readFileSync(file))),
  seed: Number(values.seed),
  milliseconds: seconds * 1000,
  slowest: 2000,
  sources,
  metering,
  isRefusal: (error) => error instanceof UserError,
});
const hourly = Math.round((result.packets / seconds) * 3600);
console.log(
  `${result.cases} damaged captures of ${files.length}, ${result.packets} packets (${hourly} an hour), ` +
    `${result.records} records, ${result.refused} refused, ${result.findings.length} findings`,
);
for (const { number, capture, problem, bytes } of result.findings) {
  mkdirSync('fuzz-findings', { recursive: true });
  const file = path.join('fuzz-findings', `capture-${number}.bin`);
  writeFileSync(file, bytes);
  console.log(`${file} (of ${files[capture]}): ${problem}`);
}
process.exitCode = result.findings.length > 0 ? 1 : 0;
