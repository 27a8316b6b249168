import type { Command } from 'commander';
import { run } from '../run.ts';
import { choice, listed, positiveNumber } from './options.ts';

export interface MeterOptions {
  readonly format?: 'arrow' | 'csv' | 'jsonl';
  readonly output?: string;
  readonly idleTimeout: number;
  readonly activeTimeout: number;
  readonly tcpClose?: true;
  readonly homeNetwork?: string[];
  readonly summary?: true;
  readonly merge?: true;
  readonly anonymise?: string | true;
  readonly arp?: string;
  readonly decapsulation: boolean;
}

export function addMeterCommand(program: Command): void {
  program
    .command('meter')
    .description('captures to flow records with the features that detectors see')
    .argument('<capture...>', 'pcap or pcapng files (also .gz), glob patterns, or - for standard input')
    .addOption(
      choice('-f, --format <format>', 'default: by the name of the output, else csv', ['arrow', 'csv', 'jsonl']),
    )
    .option('-o, --output <file>', 'where flows go (default: standard output)')
    .option('--idle-timeout <seconds>', 'a flow without a packet for so long has ended', positiveNumber, 120)
    .option('--active-timeout <seconds>', 'a flow is cut after so long', positiveNumber, 1800)
    .option('--tcp-close', 'FIN from both sides or RST ends a TCP flow too (default: timeouts alone)')
    .option('--home-network <cidr>', 'a network that is ours; may be repeated (default: the private ranges)', listed)
    .option('--no-decapsulation', "meter a tunnel's own packets instead of what it carries")
    .option('--summary', 'print one JSON object per capture; flows are written only where --output says')
    .option(
      '--anonymise [key]',
      'replace addresses and names by pseudonyms that keep prefixes; with the key of a file (default: a key of this run)',
    )
    .option('--arp <file>', 'ARP messages too, into this file: its name says the format (.csv, .jsonl, .arrow)')
    .option('--merge', 'meter all captures as one stream, in the order given (default: each by itself)')
    .addHelpText(
      'after',
      `
--summary prints, one object a line: file, packets (those metered), flows, bytes (of the metered packets), skipped
(packets that were not metered, by reason). Records of flows that still run are not flows and are not written.`,
    )
    .action(async (captures: string[], options: MeterOptions) => {
      await run(async (signal) => {
        const { meterCaptures } = await import('../meter/meter-captures.ts');
        await meterCaptures(captures, options, signal);
      });
    });
}
