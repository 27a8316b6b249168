import type { Command } from 'commander';
import { run } from '../run.ts';
import { listed, positiveNumber, seedNumber } from './options.ts';

export interface SynthOptions {
  readonly seed: number;
  readonly duration: number;
  readonly hosts: number;
  readonly activity: number;
  readonly start?: number;
  readonly attack?: readonly string[];
  /** False with `--no-attacks`. */
  readonly attacks: boolean;
  readonly snapLength?: number;
  readonly output?: string;
  readonly labels?: string;
  readonly list?: true;
}

export function addSynthCommand(program: Command): void {
  program
    .command('synth')
    .description('make up traffic: valid packets of a small network, with labelled attacks, from a seed')
    .option('-o, --output <file>', 'the capture to write (pcap)')
    .option('--labels <file>', 'write the ground truth too (Arrow): rules that label each flow')
    .option('--seed <number>', 'same seed and options, same bytes', seedNumber, 1)
    .option('--duration <seconds>', 'length of the traffic', positiveNumber, 600)
    .option('--hosts <number>', 'devices of the home network', positiveNumber, 30)
    .option('--activity <factor>', '1 is the usual activity per host', positiveNumber, 1)
    .option('--start <seconds>', 'time of the first packet, seconds since the Unix epoch', seedNumber)
    .option(
      '--attack <kind@start+duration>',
      'an attack, such as port-scan@120+30; *2 behind doubles its rate; may be repeated (default: one of each kind)',
      listed,
    )
    .option('--no-attacks', 'normal traffic only')
    .option('--snap-length <bytes>', 'bytes of each frame that are kept (default: 96, the headers)', positiveNumber)
    .option('--list', 'list the attacks and services and what they are')
    .addHelpText(
      'after',
      '\nMade-up traffic shows that the machinery works. It says nothing about accuracy on a real network.',
    )
    .action(async (options: SynthOptions) => {
      await run(async (signal) => {
        const { synthesise } = await import('../synth/synthesise.ts');
        await synthesise(options, signal);
      });
    });
}
