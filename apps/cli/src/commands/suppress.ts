import type { Command } from 'commander';
import type { FindingType } from '@edgeguard/detection';
import { run } from '../run.ts';
import { choice, expiry, listed, wholeNumber } from './options.ts';

export interface SuppressAddOptions {
  readonly id?: string;
  readonly owner: string;
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly expires: string;
  readonly host?: string;
  readonly network?: string;
  readonly port?: number;
  readonly protocol?: number;
  readonly finding?: FindingType;
  readonly feature?: string;
  readonly from?: string;
  readonly to?: string;
  readonly day?: readonly string[];
  readonly scanner?: readonly string[];
}

const FINDING_TYPES = [
  'scan-like',
  'flood-like',
  'guessing-like',
  'beacon-like',
  'exfiltration-like',
  'unknown',
] as const satisfies readonly FindingType[];

export function addSuppressCommand(program: Command): void {
  const suppress = program
    .command('suppress')
    .description('rules under which alerts are counted and not told: detect --suppress FILE')
    .addHelpText(
      'after',
      `
A rule has an owner, a reason and an expiry, and matches what all of its conditions say. It is applied after scoring: no score
and no threshold changes. From its expiry on, in traffic time, it suppresses nothing; detect counts what it would have.`,
    );
  suppress
    .command('add')
    .description('add a rule to a file, which is made where there is none; prints its id')
    .argument('<file>', 'a file of rules')
    .requiredOption('--owner <name>', 'who answers for it')
    .requiredOption('--reason <text>', 'why it is right')
    .requiredOption('--expires <when>', 'a time such as 30d from now, or a date such as 2027-01-31', expiry)
    .option('--id <id>', 'how it is called (default: rule- and the next number)')
    .option('--host <address>', 'either end is this address')
    .option('--network <cidr>', 'either end is in this network')
    .option('--port <number>', 'either end has this port', wholeNumber(65_535))
    .option('--protocol <number>', 'IP protocol', wholeNumber(255))
    .addOption(choice('--finding <type>', 'what it looks like', FINDING_TYPES))
    .option('--feature <pattern>', 'a feature with one of the largest shares; * stands for anything')
    .option('--from <time>', 'from this time of day on, UTC, such as 02:00 (with --to)')
    .option('--to <time>', 'up to this time of day; before --from it is on the next day')
    .option('--day <day>', 'it begins on this day (mon, tue, …); may be repeated (with --from)', listed)
    .option('--scanner <cidr>', 'the source is a scanner of ours in this network; may be repeated', listed)
    .action(async (file: string, options: SuppressAddOptions) => {
      await run(async () => (await import('../suppress/edit-rules.ts')).addRule(file, options));
    });
  suppress
    .command('list')
    .description('the rules of a file')
    .argument('<file>', 'a file of rules')
    .action(async (file: string) => {
      await run(async () => (await import('../suppress/edit-rules.ts')).listRules(file));
    });
  suppress
    .command('remove')
    .description('remove a rule')
    .argument('<file>', 'a file of rules')
    .argument('<id>', 'the rule')
    .action(async (file: string, id: string) => {
      await run(async () => (await import('../suppress/edit-rules.ts')).removeRule(file, id));
    });
  suppress
    .command('check')
    .description('how many alerts of a file each rule would suppress, and how many are left')
    .argument('<file>', 'a file of rules')
    .argument('<alerts>', 'alerts that detect has written as EVE JSON')
    .action(async (file: string, alerts: string) => {
      await run(async () => (await import('../suppress/check-rules.ts')).checkRules(file, alerts));
    });
}
