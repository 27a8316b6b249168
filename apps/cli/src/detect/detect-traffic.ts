import { UsageError } from '@edgeguard/contracts';
import { createLogger, createProgress, Interrupted, type Logger } from '@edgeguard/contracts/stage';
import {
  describeChange,
  type Detector,
  openDetector,
  readPublicKey,
  readSuppressions,
  rowThresholds,
  RowThresholds,
  Suppressor,
  thresholdInForce,
} from '@edgeguard/detection';
import {
  type Alerting,
  detect,
  formatSummary,
  openLineOutput,
  plainTime,
  STANDARD_OUTPUT,
  type TrafficSource,
} from '@edgeguard/runtime';
import type { DetectOptions } from '../commands/detect.ts';
import { driftLine } from '../drift/format-drift.ts';
import { driftMonitor } from '../drift/watch-drift.ts';
import { anonymiserOf } from './anonymiser.ts';
import { findPolicy } from '../threshold/find-policy.ts';

/** Names of tables of rows. */
const TABLE = /\.(arrow|parquet|[ct]sv(\.gz)?)$/;

/** `edgeguard detect`. */
export async function detectTraffic(
  path: string,
  captures: readonly string[],
  options: DetectOptions,
  signal: AbortSignal,
): Promise<void> {
  const source = sourceOf(captures, options);
  if (source.kind === 'tables') refuseEpisodeOptions(options, 'rows of a table have none');
  if (options.each) refuseEpisodeOptions(options, '--each writes none');
  const target = options.output ?? STANDARD_OUTPUT;
  if (options.append && target === STANDARD_OUTPUT) throw new UsageError('--append needs --output');
  const log = createLogger('detect', options.quiet ? 'error' : undefined);
  const signedBy = options.requireSignature === undefined ? undefined : await readPublicKey(options.requireSignature);
  const detector = await openDetector(path, {
    engine: options.engine,
    log: (line) => log.info(line),
    ...(signedBy ? { signedBy } : {}),
  });
  const threshold = await thresholdFor(path, detector, options, log);
  const alerting = await alertingOf(options);
  const anonymiser = await anonymiserOf(options.anonymise);
  const drift = options.drift
    ? driftMonitor(detector, threshold, (change) =>
        log.warn(`${plainTime(BigInt(Math.round(change.time * 1e3)) * 1_000_000n)} ${describeChange(change)}`),
      )
    : undefined;
  const lines = openLineOutput(target, options.append === true);
  const progress = progressBar(target, options);
  try {
    const summary = await detect({
      detector,
      source,
      outputs: [{ lines, format: options.format ?? (isTerminal(target) ? 'text' : 'eve') }],
      log,
      signal,
      onProgress: (share) => progress.update(Math.floor(share * 100)),
      threshold,
      alerting,
      ...(anonymiser ? { anonymiser } : {}),
      ...(drift ? { drift } : {}),
    });
    progress.stop();
    if (!options.quiet) process.stderr.write(`${formatSummary(summary)}\n`);
    if (drift && !options.quiet) process.stderr.write(`${driftLine(drift.report())}\n`);
    if (summary.interrupted) throw new Interrupted();
  } finally {
    progress.stop();
    lines.close();
    detector.dispose();
  }
}

/** The threshold that was asked for, else the policy's, else the detector's own. */
async function thresholdFor(
  path: string,
  detector: Detector,
  options: DetectOptions,
  log: Logger,
): Promise<RowThresholds> {
  if (options.threshold !== undefined) {
    if (options.policy !== undefined) throw new UsageError('give either --threshold or --policy');
    return new RowThresholds(detector.document, options.threshold);
  }
  const found = await findPolicy(path, detector, options.policy);
  if (found) {
    const categories = found.policy.history.at(-1)!.categories;
    const by = categories ? `, and by ${categories.feature}` : '';
    log.info(`threshold ${thresholdInForce(detector, found.policy)}${by} of ${found.path}`);
  }
  return rowThresholds(detector, found?.policy);
}

/** @param why there are no episodes */
function refuseEpisodeOptions({ updates, vote, release, maxAlerts }: DetectOptions, why: string): void {
  const given = Object.entries({ updates, vote, release, 'max-alerts': maxAlerts }).find(
    ([, value]) => value !== undefined,
  );
  if (given) throw new UsageError(`--${given[0]} is about episodes, and ${why}`);
}

/** What is told of the records above the threshold. */
async function alertingOf(options: DetectOptions): Promise<Alerting> {
  const { each, updates, vote, release, maxAlerts, suppress } = options;
  return {
    tell: each ? 'each' : 'episodes',
    episodes: {
      ...(updates === undefined ? {} : { updateSeconds: updates }),
      ...(maxAlerts === undefined ? {} : { maxEventsPerMinute: maxAlerts }),
    },
    ...(vote === undefined ? {} : { vote }),
    ...(release === undefined ? {} : { release }),
    ...(suppress === undefined ? {} : { suppressor: new Suppressor(await readSuppressions(suppress)) }),
  };
}

function sourceOf(captures: readonly string[], options: DetectOptions): TrafficSource {
  const { netflow: port, listen: host } = options;
  if (port !== undefined) {
    if (captures.length > 0 || options.interface !== undefined)
      throw new UsageError('--netflow is a source of its own');
    return { kind: 'netflow', port, ...(host === undefined ? {} : { host }) };
  }
  if (host !== undefined) throw new UsageError('--listen is for --netflow');
  if (options.interface !== undefined) {
    if (options.flowLog !== undefined) throw new UsageError('give either an interface (-i) or --flow-log');
    if (captures.length > 0) throw new UsageError('give either captures or an interface (-i), not both');
    return {
      kind: 'interface',
      name: options.interface,
      ...(options.filter === undefined ? {} : { filter: options.filter }),
    };
  }
  if (captures.length === 0)
    throw new UsageError('give a capture, - for standard input, an interface (-i) or --netflow');
  if (options.filter !== undefined) throw new UsageError('--filter is for an interface (-i)');
  const { flowLog: format } = options;
  if (format !== undefined) {
    // Rotated logs are one stream: that of their sensor.
    return { kind: 'flow-logs', paths: captures, format, merge: true, follow: options.follow === true };
  }
  const tables = captures.filter((path) => TABLE.test(path));
  if (tables.length > 0) {
    if (tables.length < captures.length)
      throw new UsageError('give either tables (.arrow, .parquet, .csv) or captures, not both');
    if (options.drift) throw new UsageError('--drift is for traffic; for a dataset use: edgeguard drift');
    return {
      kind: 'tables',
      paths: captures,
      ...(options.delimiter === undefined ? {} : { delimiter: options.delimiter }),
    };
  }
  if (options.delimiter !== undefined) throw new UsageError('--delimiter is for a table (.csv)');
  if (options.follow) throw new UsageError('--follow is for a flow log (--flow-log)');
  return { kind: 'captures', paths: captures, merge: options.merge === true };
}

/** True where the source has no end of its own. */
function isLive(options: DetectOptions): boolean {
  return options.interface !== undefined || options.follow === true || options.netflow !== undefined;
}

/** Alerts on the terminal and a progress bar would write over each other. */
function progressBar(target: string, options: DetectOptions) {
  const silent = options.quiet || isTerminal(target) || isLive(options);
  return silent ? { update: () => undefined, stop: () => undefined } : createProgress('detect', 100);
}

function isTerminal(target: string): boolean {
  return target === STANDARD_OUTPUT && process.stdout.isTTY === true;
}
