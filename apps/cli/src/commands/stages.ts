import type { Command } from 'commander';
import { run } from '../run.ts';

/** The cached stages in order, in the words of the help. */
const STAGES = [
  ['collect', 'stage 1: traffic to flow records (flows.arrow)'],
  ['preprocess', 'stage 2: flow records to splits and a fitted transform'],
  ['train', 'stage 3: an autoencoder and its scorer, from normal rows alone'],
  ['convert', 'stage 4: the verified, calibrated detector (detector.<precision>.tflite)'],
  ['evaluate', 'what the detectors do on the test split (evaluation.json, report.html)'],
] as const;

export function addStageCommands(program: Command): void {
  for (const [target, description] of STAGES) {
    program
      .command(target)
      .description(description)
      .argument('<pipeline>', 'a name under data/pipelines, or a folder with edgeguard.config.json')
      .option('--artifacts <folder>', 'where artifacts are (default: data/artifacts/<name> of the workspace)')
      .addHelpText(
        'after',
        '\nRuns this stage alone, whatever a cache may hold. Nx runs what is missing: npx nx evaluate <name>',
      )
      .action(async (pipeline: string, options: { artifacts?: string }) => {
        await run(async (signal) => {
          const { runStageOf } = await import('./run-stage-of.ts');
          await runStageOf(target, pipeline, options.artifacts, signal);
        });
      });
  }
}
