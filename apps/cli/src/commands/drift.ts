import type { Command } from 'commander';
import { run } from '../run.ts';

export interface DriftOptions {
  readonly policy?: string;
  readonly merge?: true;
  readonly json?: true;
}

export function addDriftCommand(program: Command): void {
  program
    .command('drift')
    .description(
      'whether traffic still is what a detector was made for: which features moved, and whether the sensor changed',
    )
    .argument('<detector>', 'a detector.*.tflite')
    .argument('<traffic...>', 'captures (pcap, pcapng), or Arrow datasets such as flows.arrow')
    .option('--policy <file>', 'the thresholds in this file (default: DETECTOR.policy.json)')
    .option('--merge', 'take all captures as one stream, in the order given')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Blocks of rows are compared with train rows, feature by feature, and judged by what blocks of calibration rows gave. A
signal is believed when it moved in three of five blocks (drifted), and watched from two on. Rows that raise alarms are left
to the alarm rate, which tells a rise by one source or target, an attack, from one that is broad.`,
    )
    .action(async (detector: string, traffic: string[], options: DriftOptions) => {
      await run(async (signal) => {
        const { watchDrift } = await import('../drift/watch-drift.ts');
        await watchDrift(detector, traffic, options, signal);
      });
    });
}
