import type { Command } from 'commander';
import { run } from '../run.ts';
import { factor, listed, positiveNumber, shareNumber } from './options.ts';

export interface ThresholdOptions {
  readonly budget?: string;
  readonly compare?: readonly string[];
  readonly confidence: number;
  readonly rowsPerDay?: number;
  readonly extrapolate?: true;
  readonly labelled?: string;
  readonly per?: string;
  readonly loosest?: number;
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
    .option('--budget <budget>', 'put this one into force: 0.1%, 5/day, 5% of blocks, quantile=0.999 or score=12.5')
    .option('--compare <budget>', 'show this one too; may be repeated (default: five usual rates)', listed)
    .option('--confidence <share>', 'confidence of what is promised', shareNumber, 0.95)
    .option(
      '--rows-per-day <number>',
      'records that are scored in a day, for budgets per day of detectors that cannot tell of episodes',
      positiveNumber,
    )
    .option('--extrapolate', 'where calibration cannot support a budget, estimate by the tail model (no promise)')
    .option('--per <feature>', 'a threshold for each category of this feature, for a budget such as 0.1%')
    .option('--loosest <factor>', 'no category above so many times the threshold for all rows (default: 1.25)', factor)
    .option('--labelled <rows>', 'show what thresholds find and how precise alarms are on a labelled Arrow dataset')
    .option(
      '--what-if <capture>',
      'count the alerts and episodes of a capture under each threshold; may be repeated',
      listed,
    )
    .option('--policy <file>', 'where the threshold is put (default: DETECTOR.policy.json)')
    .option('--by <name>', 'who changes it')
    .option('--reason <text>', 'why')
    .option('--dry-run', 'show, and change nothing')
    .addHelpText(
      'after',
      `
The table comes from the calibration that the detector carries. A budget per day counts episodes, by a replay of the alert
logic over calibration traffic, where rows have time and addresses. "At most, whichever is chosen" is a simultaneous bound:
it holds for a line that was chosen after a look at the table. The detector file is not touched: the threshold goes into a
policy file that is bound to the model, with a history of changes, and which detect finds beside the detector. A threshold
put into force together with --what-if or --labelled is noted as exploratory: the confidence of its own promise does not
hold, the simultaneous bound does.`,
    )
    .action(async (detector: string, options: ThresholdOptions) => {
      await run(async (signal) => {
        const { tuneThreshold } = await import('../threshold/tune-threshold.ts');
        await tuneThreshold(detector, options, signal);
      });
    });
}
