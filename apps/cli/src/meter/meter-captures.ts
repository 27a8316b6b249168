import { type DatasetSchema, UsageError } from '@edgeguard/contracts';
import { createLogger, Interrupted, type Logger } from '@edgeguard/contracts/stage';
import {
  ACCOUNTING_OPTIONS,
  ARP_NAME_COLUMNS,
  arpSchema,
  FLOW_NAME_COLUMNS,
  flowSchema,
  type MeteringOptions,
  type MeteringStatistics,
} from '@edgeguard/metering';
import { openLineOutput, STANDARD_OUTPUT } from '@edgeguard/runtime/output';
import { expandCapturePaths, readCapture } from '@edgeguard/sources/captures';
import { anonymiserOf } from '../detect/anonymiser.ts';
import { AnonymousWriter } from '../flow-output/anonymous-writer.ts';
import type { MeterOptions } from '../commands/meter.ts';
import { openRowWriter, rowFormat } from '../flow-output/open-row-writer.ts';
import type { RowWriter } from '../flow-output/row-writer.ts';
import { MeteredFlows } from './metered-flows.ts';

/** Flow records as `meter` writes them: which capture, then what metering gives. */
const OUTPUT_SCHEMA = withCapture(flowSchema());

function withCapture(schema: DatasetSchema): DatasetSchema {
  return { ...schema, columns: [{ name: 'capture', role: 'split', type: 'utf8' }, ...schema.columns] };
}

/** `edgeguard meter`. */
export async function meterCaptures(
  captures: readonly string[],
  options: MeterOptions,
  signal: AbortSignal,
): Promise<void> {
  const target = options.output ?? STANDARD_OUTPUT;
  if (options.summary && target === STANDARD_OUTPUT && options.output !== undefined) {
    throw new UsageError('with --summary, flows need an output of their own');
  }
  const files = await expandCapturePaths(captures);
  if (options.arp === STANDARD_OUTPUT && !options.summary && target === STANDARD_OUTPUT) {
    throw new UsageError('flows and ARP messages cannot both go to standard output');
  }
  const anonymiser = await anonymiserOf(options.anonymise);
  const hidden = (writer: RowWriter, columns: readonly string[]): RowWriter =>
    anonymiser ? new AnonymousWriter(writer, columns, anonymiser) : writer;
  const flows =
    options.summary && options.output === undefined
      ? undefined
      : hidden(await openFlows(options, target), FLOW_NAME_COLUMNS);
  let arp: RowWriter | undefined;
  try {
    if (options.arp !== undefined) arp = hidden(await openArp(options.arp), ARP_NAME_COLUMNS);
  } catch (error) {
    await flows?.abort();
    throw error;
  }
  const run: Run = {
    flows,
    arp,
    options: meteringOptions(options, flows !== undefined),
    log: createLogger('meter'),
    signal,
  };
  const summary = options.summary ? openLineOutput(STANDARD_OUTPUT) : undefined;
  try {
    for (const group of options.merge ? [files] : files.map((file) => [file])) {
      const counted = await meterStream(run, group);
      await summary?.write(`${JSON.stringify(counted)}\n`);
    }
    await flows?.close();
    await arp?.close();
  } catch (error) {
    await flows?.abort();
    await arp?.abort();
    throw error;
  }
}

interface Run {
  readonly flows: RowWriter | undefined;
  readonly arp: RowWriter | undefined;
  readonly options: Partial<MeteringOptions>;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Meters captures as one stream; gives the line of `--summary`. */
async function meterStream({ flows, arp, options, log, signal }: Run, files: readonly string[]): Promise<object> {
  const metered = new MeteredFlows(options, flows, arp);
  const truncated: object[] = [];
  for (const file of files) {
    metered.capture = file;
    const report = await readCapture(file, metered.meter, { signal, onProgress: () => metered.drain() });
    if (signal.aborted) throw new Interrupted();
    if (report.truncated) {
      const { atByte, problem } = report.truncated;
      log.warn(`${file}: byte ${atByte}: ${problem}; the ${report.packets} packets before it were read`);
      truncated.push({ file, atByte, problem });
    }
  }
  await metered.finish();
  return {
    ...(files.length === 1 ? { file: files[0] } : { files }),
    ...counts(metered.meter.statistics()),
    ...(truncated.length === 0 ? {} : { truncated }),
  };
}

function counts({ packets, flows, bytes, skipped }: MeteringStatistics) {
  return { packets, flows, bytes, skipped };
}

async function openFlows(options: MeterOptions, target: string): Promise<RowWriter> {
  return openRowWriter(rowFormat(options.format, target), OUTPUT_SCHEMA, target);
}

function openArp(path: string): Promise<RowWriter> {
  return openRowWriter(rowFormat(undefined, path), withCapture(arpSchema()), path);
}

/** Features need host windows, which cost; counting flows does not. */
function meteringOptions(options: MeterOptions, features: boolean): Partial<MeteringOptions> {
  const settings: Partial<MeteringOptions> = {
    idleTimeoutSeconds: options.idleTimeout,
    activeTimeoutSeconds: options.activeTimeout,
    flowEnd: options.tcpClose ? 'tcp-close' : 'timeouts',
    decapsulate: options.decapsulation,
    ...(options.homeNetwork ? { homeNetworks: [...options.homeNetwork] } : {}),
  };
  return { ...ACCOUNTING_OPTIONS, ...settings, features, context: features };
}
