import type { Command } from 'commander';
import { run } from '../run.ts';
import { listed, positiveNumber, shareNumber } from './options.ts';

export interface ThresholdOptions {
  readonly budget?: string;
  readonly compare?: readonly string[];
  readonly confidence: number;
  readonly rowsPerDay?: number;
  readonly whatIf?: readonly string[];
  readonly policy?: string;
  readonly by?: string;
  readonly reason?: string;
  readonly dryRun?: true;
}

export function addThresholdCommand(program: Command): void {
  program
    .command('threshold')
    .description('what an alarm budget costs, and a threshold of one’s own without retraining')
    .argument('<detector>', 'a detector.*.tflite')
    .option('--budget <budget>', 'put this one into force: 0.1%, 5/day, quantile=0.999 or score=12.5')
    .option('--compare <budget>', 'show this one too; may be repeated (default: five usual rates)', listed)
    .option('--confidence <share>', 'confidence of what is promised', shareNumber, 0.95)
    .option('--rows-per-day <number>', 'records that are scored in a day, for budgets per day', positiveNumber)
    .option('--what-if <capture>', 'count the alerts of a capture under each threshold; may be repeated', listed)
    .option('--policy <file>', 'where the threshold is put (default: DETECTOR.policy.json)')
    .option('--by <name>', 'who changes it')
    .option('--reason <text>', 'why')
    .option('--dry-run', 'show, and change nothing')
    .addHelpText(
      'after',
      `
The table comes from the calibration scores in the detector. The detector file is not touched: the threshold goes into a
policy file that is bound to the model, with a history of changes, and which detect finds beside the detector. A threshold
that was chosen after a look at --what-if is noted as exploratory: its confidence does not hold.`,
    )
    .action(async (detector: string, options: ThresholdOptions) => {
      await run(async (signal) => {
        const { tuneThreshold } = await import('../threshold/tune-threshold.ts');
        await tuneThreshold(detector, options, signal);
      });
    });
}
