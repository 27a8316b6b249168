import { type DetectorDocument, featuresOf, type MeteringSettings, UserError } from '@edgeguard/contracts';
import { RowThresholds } from '@edgeguard/detection';
import { flowCoreSchema, flowSchema } from '@edgeguard/metering';
import { generateTraffic, type SyntheticOptions } from '@edgeguard/sources';
import type { AlertContext } from '../alert/sighting.ts';
import { AlertPath } from './alert-path.ts';
import { BATCH_ROWS, BatchScorer } from './batch-scorer.ts';
import { lookAtCaptures } from './captures.ts';
import { CoreScorer } from './core-scorer.ts';
import { CoreStream } from './core-stream.ts';
import type { DetectRequest } from './detect-request.ts';
import { followLog, listenForFlows, lookAtLogs, type LookOptions, type Streams } from './flow-logs.ts';
import { watchInterface } from './live-interface.ts';
import { MeteredStream } from './metered-stream.ts';
import { RecordScorer } from './record-scorer.ts';
import { type DetectSummary, emptySummary } from './summary.ts';
import { TableBatch, type TableRecord } from './table-batch.ts';
import { readTableRows } from './table-rows.ts';
import type { TableSource, TrafficSource } from './traffic-source.ts';

/**
 * Seconds that flows wait to be put in order of their ends where someone waits for alerts: sensors tell of most flows within
 * a minute.
 */
const LIVE_DISORDER_SECONDS = 60;

type Stream = MeteredStream | CoreStream;

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
  readonly #alerts: AlertPath;
  readonly #scorer: RecordScorer | CoreScorer | BatchScorer<TableRecord>;
  readonly #summary: DetectSummary;

  constructor(request: DetectRequest) {
    const { detector, source } = request;
    const { document } = detector;
    const isCore = document.schema.name === flowCoreSchema().name;
    const isTable = source.kind === 'tables';
    const isFlows = source.kind === 'flow-logs' || source.kind === 'netflow';
    if (!isTable) {
      if (isFlows || isCore) detector.assertSchema(featuresOf(flowCoreSchema()), 'flow logs');
      else detector.assertSchema(featuresOf(flowSchema()), 'flows of packets');
      if (document.metering === undefined) {
        throw new UserError(
          document.name,
          'this detector says nothing about metering',
          'use one that was made from packets or flow logs',
        );
      }
    }
    this.#request = request;
    this.#settings = document.metering;
    this.#summary = emptySummary(detector.engineName);
    this.#alerts = new AlertPath(request);
    const context: AlertContext = {
      document,
      detector: { name: document.name, precision: document.precision, model: detector.modelDigest },
      thresholds: thresholdsOf(document, request.threshold),
      ...(source.kind === 'interface' ? { interface: source.name } : {}),
    };
    const { watcher } = this.#alerts;
    this.#scorer = isTable
      ? new BatchScorer(new TableBatch(BATCH_ROWS, detector.featureCount), detector, context, watcher)
      : new (isCore ? CoreScorer : RecordScorer)(detector, context, watcher);
  }

  async look(source: TrafficSource): Promise<void> {
    switch (source.kind) {
      case 'captures':
        this.#summary.truncated = await lookAtCaptures(source.paths, source.merge, this.#streams(), this.#options());
        break;
      case 'synthetic':
        await this.#synthetic(source.options);
        break;
      case 'interface':
        await this.#interface(source.name, source.filter);
        break;
      case 'flow-logs':
        if (source.follow) await this.#live((stream) => followLog(source, stream, this.#options()));
        else await lookAtLogs(source, this.#streams<CoreStream>(), this.#options());
        break;
      case 'tables':
        await this.#tables(source);
        break;
      case 'netflow':
        await this.#live((stream) => listenForFlows(source, stream, this.#options()));
        break;
    }
    await this.#alerts.drain();
  }

  summary(wallSeconds: number): DetectSummary {
    const { scored, nonFinite, coldStart } = this.#scorer;
    return { ...this.#summary, ...this.#alerts.counts(), scored, nonFinite, coldStart, wallSeconds };
  }

  async #tables(source: TableSource): Promise<void> {
    const { detector, now = BigInt(Date.now()) * 1_000_000n } = this.#request;
    const scorer = this.#scorer as BatchScorer<TableRecord>;
    const options = { ...this.#options(), now };
    const { rows, malformed } = await readTableRows(source, detector.document, options, (record) => scorer.add(record));
    scorer.flush();
    this.#summary.records = rows;
    this.#summary.malformedRows = malformed;
    this.#summary.interrupted = options.signal.aborted;
  }

  async #synthetic(options: SyntheticOptions): Promise<void> {
    const { signal, onProgress } = this.#request;
    const stream = this.#open();
    await generateTraffic(options, stream.meter, { signal, onProgress: (share) => onProgress?.(share) });
    this.#end(stream);
  }

  async #interface(name: string, filter: string | undefined): Promise<void> {
    const stream = this.#open(LIVE_DISORDER_SECONDS);
    const sink = {
      packets: stream.meter,
      passTime: (milliseconds: number): void => {
        stream.passTime(milliseconds);
        this.#alerts.passTime(BigInt(milliseconds) * 1_000_000n);
      },
    };
    const { packets, dropped } = await watchInterface(name, filter, sink, this.#options());
    this.#summary.dropped = dropped;
    this.#request.drift?.addPackets(packets, dropped);
    this.#endLive(stream);
  }

  /** Flows of a source that has no end of its own. */
  async #live(look: (stream: CoreStream) => Promise<void>): Promise<void> {
    const stream = this.#open(LIVE_DISORDER_SECONDS) as CoreStream;
    await look(stream);
    this.#endLive(stream);
  }

  #options(): LookOptions {
    const { signal, log, onProgress } = this.#request;
    return { signal, log, drain: () => this.#alerts.drain(), ...(onProgress ? { onProgress } : {}) };
  }

  /** @typeParam S the only kind of stream that the detector has */
  #streams<S extends Stream>(): Streams<S> {
    return { open: () => this.#open() as S, end: (stream) => this.#end(stream) };
  }

  /** @param disorderSeconds how long whole flows wait to be put in order of their ends */
  #open(disorderSeconds?: number): Stream {
    const { conflicts } = this.#alerts;
    conflicts.forget();
    return this.#scorer instanceof CoreScorer
      ? new CoreStream(this.#settings!, this.#scorer, conflicts, disorderSeconds)
      : new MeteredStream(this.#settings!, this.#scorer as RecordScorer, conflicts);
  }

  /** The stream has ended, or was given up: then what is still open is not looked at. */
  #end(stream: Stream): void {
    this.#summary.interrupted = this.#request.signal.aborted;
    if (this.#summary.interrupted) stream.stop(this.#summary);
    else stream.end(this.#summary);
    this.#alerts.endStream();
  }

  /** The signal is how a live source ends: nothing of it is given up. */
  #endLive(stream: Stream): void {
    stream.end(this.#summary);
    this.#alerts.endStream();
  }
}

function thresholdsOf(document: DetectorDocument, asked: DetectRequest['threshold']): RowThresholds {
  return asked instanceof RowThresholds ? asked : new RowThresholds(document, asked ?? document.threshold.value);
}
