#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { UsageError } from '@edgeguard/contracts';
import { createLogger, Interrupted, parseStageLocation, runCommand } from '@edgeguard/contracts/stage';
import { detectPipeline } from './detect-pipeline.ts';
import { formatSummary } from './detect/summary.ts';
import { ALERT_FORMATS, type AlertFormat } from './output/alert-writer.ts';

await runCommand('detect', async (signal) => {
  const { format, rest } = takeFormat(process.argv.slice(2));
  const location = parseStageLocation('detect', rest);
  const { summary, alertsFile } = await detectPipeline(location, format, createLogger('detect'), signal);
  process.stderr.write(`${formatSummary(summary)}\nalerts: ${alertsFile}\n`);
  if (summary.interrupted) throw new Interrupted();
});

/** Beside what every stage takes: `--format`, by default text on a terminal and EVE elsewhere. */
function takeFormat(argv: readonly string[]): { format: AlertFormat; rest: string[] } {
  const { values, tokens } = parseArgs({
    args: [...argv],
    options: { format: { type: 'string' } },
    strict: false,
    tokens: true,
  });
  const given = tokens.findLast((token) => token.kind === 'option' && token.name === 'format');
  if (!given) return { format: process.stdout.isTTY ? 'text' : 'eve', rest: [...argv] };
  const format = ALERT_FORMATS.find((name) => name === values['format']);
  if (!format) throw new UsageError(`--format is one of ${ALERT_FORMATS.join(', ')}`);
  const inline = given.kind === 'option' && given.inlineValue === true;
  return { format, rest: argv.toSpliced(given.index, inline ? 1 : 2) };
}
