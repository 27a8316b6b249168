import type { Command } from 'commander';
import type { Verdict } from '@edgeguard/detection';
import { run } from '../run.ts';
import { choice, expiry } from './options.ts';

export interface VerdictAddOptions {
  readonly alert: string;
  readonly as: Verdict['verdict'];
  readonly by?: string;
  readonly reason?: string;
}

export interface VerdictSuppressOptions {
  readonly owner: string;
  readonly expires: string;
}

const VERDICTS = ['false-positive', 'true-positive', 'expected'] as const satisfies readonly Verdict['verdict'][];

export function addVerdictCommand(program: Command): void {
  const verdict = program
    .command('verdict')
    .description('what people found alerts to be: it feeds suppressions and training, never calibration')
    .addHelpText(
      'after',
      `
Alerts are named by alert_id, which every format of detect has among what is ours. Rows that verdicts chose are marked, and
convert refuses to calibrate on them: a threshold from rows that a detector chose promises nothing.`,
    );
  verdict
    .command('add')
    .description('record a verdict; of several about an alert the last counts')
    .argument('<verdicts>', 'a file of verdicts, one a line, which is made where there is none')
    .argument('<alerts>', 'alerts that detect has written as EVE JSON')
    .requiredOption('--alert <id>', 'the alert, by its alert_id or the first 8 characters of it')
    .addOption(
      choice('--as <verdict>', 'expected: unusual and known, such as a backup', VERDICTS).makeOptionMandatory(),
    )
    .option('--by <name>', 'who found it')
    .option('--reason <text>', 'why')
    .action(async (path: string, alerts: string, options: VerdictAddOptions) => {
      await run(async () => (await import('../verdict/record-verdict.ts')).addVerdict(path, alerts, options));
    });
  verdict
    .command('list')
    .description('the verdicts of a file')
    .argument('<verdicts>', 'a file of verdicts')
    .action(async (path: string) => {
      await run(async () => (await import('../verdict/record-verdict.ts')).listVerdicts(path));
    });
  verdict
    .command('suppress')
    .description(
      'rules for what was found false or expected: the same finding, host and service; see edgeguard suppress',
    )
    .argument('<verdicts>', 'a file of verdicts')
    .argument('<rules>', 'the file of rules that they go into')
    .requiredOption('--owner <name>', 'who answers for them')
    .requiredOption('--expires <when>', 'a time such as 30d from now, or a date such as 2027-01-31', expiry)
    .action(async (path: string, rules: string, options: VerdictSuppressOptions) => {
      await run(async () => (await import('../verdict/verdict-rules.ts')).suppressVerdicts(path, rules, options));
    });
  verdict
    .command('dataset')
    .description('the rows of a dataset that verdicts are about, with their labels, for training and for tests')
    .argument('<verdicts>', 'a file of verdicts')
    .argument('<rows>', 'the dataset that the flows are in, such as a flows.arrow')
    .requiredOption('-o, --output <file>', 'an Arrow file')
    .action(async (path: string, rows: string, { output }: { output: string }) => {
      await run(async () => (await import('../verdict/verdict-dataset.ts')).verdictDataset(path, rows, output));
    });
}
