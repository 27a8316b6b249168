import type { Command } from 'commander';
import { run } from '../run.ts';

export function addInspectCommand(program: Command): void {
  program
    .command('inspect')
    .description('what a detector file holds: graph, schema, threshold, provenance, verification')
    .argument('<detector>', 'a detector.*.tflite')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nThe verification is shown when verification.json lies beside the detector.')
    .action(async (detector: string, options: { json?: true }) => {
      await run(async () => {
        const { inspectDetector } = await import('../inspect/inspect-detector.ts');
        await inspectDetector(detector, options.json === true);
      });
    });
}
