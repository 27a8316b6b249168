import type { Command } from 'commander';
import { run } from '../run.ts';
import type { Vote } from '@edgeguard/detection';
import { choice, duration, finiteNumber, perMinute, shareNumber, udpPort, vote } from './options.ts';

export interface DetectOptions {
  readonly drift?: true;
  readonly interface?: string;
  readonly filter?: string;
  readonly format?: 'eve' | 'ecs' | 'ocsf' | 'text';
  readonly each?: true;
  readonly updates?: number;
  readonly vote?: Vote;
  readonly release?: number;
  readonly maxAlerts?: number;
  readonly suppress?: string;
  readonly anonymise?: string | true;
  readonly delimiter?: string;
  readonly output?: string;
  readonly append?: true;
  readonly merge?: true;
  readonly flowLog?: 'auto' | 'zeek' | 'suricata' | 'ipfix';
  readonly follow?: true;
  readonly netflow?: number;
  readonly listen?: string;
  readonly engine: 'auto' | 'native' | 'wasm' | 'reference';
  readonly threshold?: number;
  readonly policy?: string;
  readonly requireSignature?: string;
  readonly quiet?: true;
}

export function addDetectCommand(program: Command): void {
  program
    .command('detect')
    .description('packets in, explained alerts out')
    .argument('<detector>', 'a detector.*.tflite')
    .argument(
      '[capture...]',
      'pcap or pcapng files, flow logs (also .gz), tables of rows (.arrow, .parquet, .csv), glob patterns, or - for standard input',
    )
    .option('-i, --interface <name>', 'capture from a network interface with tcpdump, until Ctrl-C')
    .option('--filter <expression>', 'capture only what this pcap-filter(7) expression lets through (with -i)')
    .addOption(
      choice(
        '-f, --format <format>',
        'eve: Suricata EVE JSON; ecs: Elastic Common Schema 9; ocsf: OCSF 1.5 Detection Finding; one alert a line. ' +
          'text: for people (default: text on a terminal, else eve)',
        ['eve', 'ecs', 'ocsf', 'text'],
      ),
    )
    .option('--each', 'write every record above the threshold (default: episodes, when they begin, worsen and end)')
    .option('--updates <time>', 'write an open episode again after so much traffic time, such as 60s or 5m', duration)
    .option('--vote <k/n>', 'tell of a source when k of its last n records were above the threshold, such as 3/5', vote)
    .option('--release <share>', 'a record above this share of the threshold keeps its episode going', shareNumber)
    .option(
      '--max-alerts <number/min>',
      'fold episodes beyond so many events a minute of traffic time (default: 60/min)',
      perMinute,
    )
    .option(
      '--suppress <file>',
      'count the alerts that these rules match, and do not tell of them (edgeguard suppress)',
    )
    .option(
      '--anonymise [key]',
      'replace addresses and names by pseudonyms that keep prefixes; with the key of a file (default: a key of this run)',
    )
    .option('--delimiter <text>', 'between the cells of a CSV table (default: a comma)')
    .addOption(
      choice(
        '--flow-log <format>',
        "the inputs are flow logs of a sensor and no captures, for a detector of flow-core: Zeek's conn.log, Suricata's EVE " +
          'log (auto tells them apart) or IPFIX files',
        ['auto', 'zeek', 'suricata', 'ipfix'],
      ),
    )
    .option('--follow', 'follow a Zeek or Suricata log as it grows and is rotated, until Ctrl-C (with --flow-log)')
    .option(
      '--netflow <port>',
      'hear NetFlow 5 and 9 and IPFIX on this UDP port, until Ctrl-C; a detector of flow-core',
      udpPort,
    )
    .option('--listen <address>', 'hear them on this address; :: is everywhere (default: 127.0.0.1)')
    .option('--merge', 'take all captures as one stream, in the order given (default: each by itself)')
    .option('-o, --output <file>', 'where alerts go (default: standard output)')
    .option('--append', 'add to the output file instead of starting it anew')
    .addOption(
      choice('--engine <engine>', 'what runs the model', ['auto', 'native', 'wasm', 'reference']).default('auto'),
    )
    .option('--threshold <score>', "alert above this score instead of the detector's own threshold", finiteNumber)
    .option(
      '--policy <file>',
      'the threshold that `edgeguard threshold` has put into this file (default: DETECTOR.policy.json)',
    )
    .option(
      '--require-signature <key>',
      'a public key file or the key itself (RW...): refuse a detector without its signature in DETECTOR.minisig',
    )
    .option('--drift', 'watch whether traffic still is what the detector was made for; changes go to standard error')
    .option('-q, --quiet', 'no summary and no remarks on standard error')
    .addHelpText(
      'after',
      '\nTimes in alerts are those of the traffic. A table needs every feature of the detector by name; its alerts name the row.' +
        '\nA summary ends on standard error.',
    )
    .action(async (detector: string, captures: string[], options: DetectOptions) => {
      await run(async (signal) => {
        const { detectTraffic } = await import('../detect/detect-traffic.ts');
        await detectTraffic(detector, captures, options, signal);
      });
    });
}
