import { type DetectorDocument, type MeteringSettings, UserError, featuresOf } from '@edgeguard/contracts';
import {
  type Detector,
  type DriftMonitor,
  type EpisodeOptions,
  RowThresholds,
  type SuppressionSubject,
  type Suppressor,
  type Vote,
  VoteTable,
} from '@edgeguard/detection';
import { flowCoreSchema, flowSchema } from '@edgeguard/metering';
import {
  captureInterface,
  expandCapturePaths,
  generateTraffic,
  readCapture,
  type SyntheticOptions,
} from '@edgeguard/sources';
import type { Anonymiser } from '@edgeguard/contracts/anonymise';
import type { Logger } from '@edgeguard/contracts/stage';
import type { Alert, AlertSubject } from '../alert/alert.ts';
import { anonymiseAlert } from '../alert/anonymise-alert.ts';
import { EpisodeReporter } from '../alert/episode-reporter.ts';
import type { AlertContext, Sighting } from '../alert/sighting.ts';
import { anonymiseConflict } from '../arp/anonymise-conflict.ts';
import { ConflictWatch } from '../arp/conflict-watch.ts';
import { type AlertOutput, AlertWriter } from '../output/alert-writer.ts';
import { BATCH_ROWS, BatchScorer, type Watcher } from './batch-scorer.ts';
import { CoreScorer } from './core-scorer.ts';
import { CoreStream } from './core-stream.ts';
import { followLog, listenForFlows, lookAtLogs, type LookOptions } from './flow-logs.ts';
import { MeteredStream } from './metered-stream.ts';
import { RecordScorer } from './record-scorer.ts';
import { type DetectSummary, emptySummary } from './summary.ts';
import { TableBatch, type TableRecord } from './table-batch.ts';
import { readTableRows } from './table-rows.ts';
import type { FlowLogSource, TableSource, TrafficSource } from './traffic-source.ts';

/** How often, in milliseconds, live traffic time moves on without packets. */
const LIVE_TICK_MS = 500;
/** Milliseconds by which it stays behind the wall clock: packets that are still on their way must not come too late. */
const LIVE_LAG_MS = 2000;

/**
 * Seconds that flows wait to be put in order of their ends where someone waits for alerts: sensors tell of most flows within
 * a minute.
 */
const LIVE_DISORDER_SECONDS = 60;

type Stream = MeteredStream | CoreStream;

export interface DetectRequest {
  readonly detector: Detector;
  readonly source: TrafficSource;
  /** Where alerts go, and how they are written there. The caller closes them. */
  readonly outputs: readonly AlertOutput[];
  /** In place of the detector's own threshold: one for all rows, or by category. */
  readonly threshold?: number | RowThresholds;
  /** Watches all scored records but those of the first minutes, while windows are still filling. */
  readonly drift?: DriftMonitor;
  /** What is told of the records above the threshold. */
  readonly alerting?: Alerting;
  /** Replaces addresses and names in what is written, after scoring, grouping and suppression. */
  readonly anonymiser?: Anonymiser;
  /** The time of the run, nanoseconds since the Unix epoch, for rows of tables without a time. Default: now. */
  readonly now?: bigint;
  readonly log: Logger;
  /** Ends the run; an interface is watched until then. */
  readonly signal: AbortSignal;
  /** Called now and then with the share of the source that has been read, where that is known. */
  readonly onProgress?: (share: number) => void;
}

/** What is told of the records above the threshold. */
export interface Alerting {
  /** `episodes` (default): alerts that belong together are told of when they begin, change and end. `each`: every record. */
  readonly tell?: 'episodes' | 'each';
  readonly episodes?: EpisodeOptions;
  /** An episode is told of when so many of its source's latest records were above the threshold. */
  readonly vote?: Vote;
  /** Share of the threshold, at most 1, above which a record keeps an episode going. Default 1: none but alerts do. */
  readonly release?: number;
  /** Rules under which alerts are counted and not told. */
  readonly suppressor?: Suppressor;
}

/**
 * Looks at traffic: packets -> flow records -> scores -> alerts, written as they arise.
 *
 * @returns what was seen and done; `interrupted` where the signal ended a source that has an end of its own
 * @throws UserError for a source that cannot be read, an output that cannot be written, or a detector of other rows
 */
export async function detect(request: DetectRequest): Promise<DetectSummary> {
  const began = performance.now();
  const run = new DetectRun(request);
  await run.look(request.source);
  return run.summary((performance.now() - began) / 1000);
}

class DetectRun {
  readonly #request: DetectRequest;
  /** Absent for tables. */
  readonly #settings: MeteringSettings | undefined;
  readonly #suppressor: Suppressor | undefined;
  readonly #now: bigint;
  readonly #writer: AlertWriter;
  readonly #episodes: EpisodeReporter | undefined;
  readonly #scorer: RecordScorer | CoreScorer | BatchScorer<TableRecord>;
  readonly #summary: DetectSummary;
  readonly #conflicts: ConflictWatch;
  /** Records above the threshold. */
  #alerts = 0;

  constructor(request: DetectRequest) {
    const { detector, source } = request;
    const { document } = detector;
    const isCore = document.schema.name === flowCoreSchema().name;
    const isTable = source.kind === 'tables';
    const isFlows = source.kind === 'flow-logs' || source.kind === 'netflow';
    if (isTable) this.#settings = undefined;
    else if (isFlows || isCore) detector.assertSchema(featuresOf(flowCoreSchema()), 'flow logs');
    else detector.assertSchema(featuresOf(flowSchema()), 'flows of packets');
    if (!isTable && document.metering === undefined) {
      throw new UserError(
        document.name,
        'this detector says nothing about metering',
        'use one that was made from packets or flow logs',
      );
    }
    this.#request = request;
    this.#settings = document.metering;
    this.#writer = new AlertWriter(request.outputs);
    this.#summary = emptySummary(detector.engineName);
    const { tell = 'episodes', episodes, suppressor } = request.alerting ?? {};
    const { anonymiser } = request;
    const write = (alert: Alert): void => this.#writer.add(anonymiser ? anonymiseAlert(alert, anonymiser) : alert);
    this.#suppressor = suppressor;
    this.#now = request.now ?? BigInt(Date.now()) * 1_000_000n;
    // Rows of a table belong to nobody: there is nothing to group them by.
    this.#episodes = tell === 'episodes' && !isTable ? new EpisodeReporter(write, episodes) : undefined;
    this.#conflicts = new ConflictWatch(
      (conflict) => this.#writer.addConflict(anonymiser ? anonymiseConflict(conflict, anonymiser) : conflict),
      source.kind === 'interface' ? source.name : undefined,
    );
    const context: AlertContext = {
      document,
      detector: { name: document.name, precision: document.precision, model: detector.modelDigest },
      thresholds: thresholdsOf(document, request.threshold),
      ...(source.kind === 'interface' ? { interface: source.name } : {}),
    };
    const watcher = this.#watcher(write);
    this.#scorer = isTable
      ? new BatchScorer(new TableBatch(BATCH_ROWS, detector.featureCount), detector, context, watcher)
      : new (isCore ? CoreScorer : RecordScorer)(detector, context, watcher);
  }

  /** What becomes of records that stand out: suppression first, then episodes or an alert each. */
  #watcher(write: (alert: Alert) => void): Watcher {
    const { drift, alerting } = this.#request;
    const { vote, release } = alerting ?? {};
    const episodes = this.#episodes;
    const near = ({ time, flow }: AlertSubject): void =>
      episodes?.sustain(time, flow?.source.address ?? '', flow?.destination.address ?? '');
    return {
      ...(drift ? { drift } : {}),
      ...(vote && episodes ? { votes: new VoteTable(vote) } : {}),
      ...(release !== undefined && release < 1 && episodes ? { release, near } : {}),
      ...(episodes ? { passed: (time) => episodes.advance(time) } : {}),
      sighting: (sighting) => {
        this.#alerts++;
        if (this.#suppressor?.suppresses(suppressionSubject(sighting))) return;
        if (episodes) episodes.add(sighting);
        else write(sighting.alert());
      },
    };
  }

  async look(source: TrafficSource): Promise<void> {
    switch (source.kind) {
      case 'captures':
        await this.#captures(source.paths, source.merge);
        break;
      case 'synthetic':
        await this.#synthetic(source.options);
        break;
      case 'interface':
        await this.#interface(source.name, source.filter);
        break;
      case 'flow-logs':
        await this.#flowLogs(source);
        break;
      case 'tables':
        await this.#tables(source);
        break;
      case 'netflow':
        await this.#live((stream, options) => listenForFlows(source, stream, options));
        break;
    }
    await this.#writer.drain();
  }

  summary(wallSeconds: number): DetectSummary {
    const suppressions = (this.#suppressor?.counts ?? []).map(({ rule, suppressed, expired }) => ({
      id: rule.id,
      suppressed,
      expired,
    }));
    return {
      ...this.#summary,
      scored: this.#scorer.scored,
      nonFinite: this.#scorer.nonFinite,
      coldStart: this.#scorer.coldStart,
      alerts: this.#alerts,
      suppressed: suppressions.reduce((sum, { suppressed }) => sum + suppressed, 0),
      suppressions,
      episodes: this.#episodes?.episodes ?? 0,
      unreported: this.#episodes?.counts.unreported ?? 0,
      folded: this.#episodes?.counts.folded ?? 0,
      addressConflicts: this.#conflicts.conflicts,
      conflictAlerts: this.#conflicts.told,
      written: this.#writer.alerts - this.#conflicts.told,
      lostAlerts: this.#writer.lost,
      wallSeconds,
    };
  }

  async #captures(paths: readonly string[], merge: boolean): Promise<void> {
    const { signal, onProgress, log } = this.#request;
    const files = await expandCapturePaths(paths);
    let stream = this.#newStream();
    for (const [index, path] of files.entries()) {
      if (signal.aborted) break;
      if (index > 0 && !merge) {
        this.#end(stream);
        stream = this.#newStream();
      }
      const report = await readCapture(path, stream.meter, {
        signal,
        onProgress: ({ bytesRead, totalBytes }) => {
          if (totalBytes) onProgress?.((index + bytesRead / totalBytes) / files.length);
          return this.#writer.drain();
        },
      });
      if (report.truncated) {
        const { atByte, problem } = report.truncated;
        this.#summary.truncated.push({ path, atByte, problem });
        log.warn(`${path}: byte ${atByte}: ${problem}; the ${report.packets} packets before it were read`);
      }
    }
    this.#summary.interrupted = signal.aborted;
    this.#end(stream);
  }

  async #tables(source: TableSource): Promise<void> {
    const { signal, onProgress, detector } = this.#request;
    const scorer = this.#scorer as BatchScorer<TableRecord>;
    const options = {
      signal,
      now: this.#now,
      drain: () => this.#writer.drain(),
      ...(onProgress ? { onProgress } : {}),
    };
    const { rows, malformed } = await readTableRows(source, detector.document, options, (record) => scorer.add(record));
    scorer.flush();
    this.#summary.records = rows;
    this.#summary.malformedRows = malformed;
    this.#summary.interrupted = signal.aborted;
  }

  async #synthetic(options: SyntheticOptions): Promise<void> {
    const { signal, onProgress } = this.#request;
    const stream = this.#newStream();
    const result = await generateTraffic(options, stream.meter, {
      signal,
      onProgress: (share) => onProgress?.(share),
    });
    this.#summary.interrupted = result.interrupted;
    this.#end(stream);
  }

  async #interface(name: string, filter: string | undefined): Promise<void> {
    const stream = this.#newStream(LIVE_DISORDER_SECONDS);
    this.#request.log.info(`listening on ${name}`);
    const failed = new AbortController();
    let begun = false;
    const drain = (): void => {
      // Nothing of a live capture can be awaited here: a failure ends it, and is thrown behind it.
      this.#writer.drain().catch((error: unknown) => failed.abort(error));
    };
    const timer = setInterval(() => {
      // Without packets time passes all the same: idle flows end, and what waits is scored.
      if (begun) this.#passTime(stream, Date.now() - LIVE_LAG_MS);
      drain();
    }, LIVE_TICK_MS);
    try {
      const report = await captureInterface(name, stream.meter, {
        ...(filter === undefined ? {} : { filter }),
        // Blocks of packets use the kernel's buffer fully; in immediate mode each packet takes a slot for the largest one.
        immediate: false,
        signal: AbortSignal.any([this.#request.signal, failed.signal]),
        onProgress: () => {
          begun = true;
          drain();
        },
      });
      this.#summary.dropped = (report.kernel.droppedByKernel ?? 0) + (report.kernel.droppedByInterface ?? 0);
      this.#request.drift?.addPackets(report.packets, this.#summary.dropped);
    } finally {
      clearInterval(timer);
    }
    if (failed.signal.aborted) throw failed.signal.reason;
    this.#end(stream);
  }

  async #flowLogs(source: FlowLogSource): Promise<void> {
    if (source.follow) {
      await this.#live((stream, options) => followLog(source, stream, options));
      return;
    }
    const open = (): CoreStream => this.#newStream() as CoreStream;
    const end = (stream: CoreStream): void => {
      this.#summary.interrupted = this.#request.signal.aborted;
      this.#end(stream);
    };
    await lookAtLogs(source, { open, end }, this.#lookOptions());
  }

  /** Flows of a source that has no end of its own. */
  async #live(look: (stream: CoreStream, options: LookOptions) => Promise<void>): Promise<void> {
    const stream = this.#newStream(LIVE_DISORDER_SECONDS) as CoreStream;
    const options = this.#lookOptions();
    const drain = (): Promise<void> => {
      // Rows that wait to be scored are less than two seconds behind.
      if (stream.seconds !== undefined) this.#episodes?.advance(BigInt(stream.seconds - 2) * 1_000_000_000n);
      return options.drain();
    };
    await look(stream, { ...options, drain });
    this.#end(stream);
  }

  #lookOptions(): LookOptions {
    const { signal, log, onProgress } = this.#request;
    return { signal, log, drain: () => this.#writer.drain(), ...(onProgress ? { onProgress } : {}) };
  }

  #passTime(stream: Stream, milliseconds: number): void {
    stream.passTime(milliseconds);
    this.#episodes?.advance(BigInt(milliseconds) * 1_000_000n);
  }

  /** @param disorderSeconds how long whole flows wait to be put in order of their ends */
  #newStream(disorderSeconds?: number): Stream {
    this.#conflicts.forget();
    return this.#scorer instanceof CoreScorer
      ? new CoreStream(this.#settings!, this.#scorer, this.#conflicts, disorderSeconds)
      : new MeteredStream(this.#settings!, this.#scorer as RecordScorer, this.#conflicts);
  }

  #end(stream: Stream): void {
    if (this.#summary.interrupted) stream.stop(this.#summary);
    else stream.end(this.#summary);
    this.#episodes?.finish();
  }
}

function thresholdsOf(document: DetectorDocument, asked: DetectRequest['threshold']): RowThresholds {
  return asked instanceof RowThresholds ? asked : new RowThresholds(document, asked ?? document.threshold.value);
}

function suppressionSubject(sighting: Sighting): SuppressionSubject {
  const { subject, causes } = sighting;
  const { flow } = subject;
  return {
    time: subject.time,
    ...(flow ? { source: flow.source, destination: flow.destination, protocol: flow.protocol } : {}),
    // Only some rules ask.
    get finding() {
      return sighting.finding.type;
    },
    causes,
  };
}
