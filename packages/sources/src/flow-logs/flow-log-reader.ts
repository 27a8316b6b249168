import { UserError } from '@edgeguard/contracts/problems';
import type { CoreFlowSink } from './core-flow.ts';
import { type FlowLogParser, MalformedLine } from './flow-log-parser.ts';
import { LineSplitter } from './line-splitter.ts';
import { SuricataEveParser } from './suricata-eve.ts';
import { ZeekConnParser } from './zeek-conn.ts';

/** Formats of flow logs. */
export const FLOW_LOG_FORMATS = ['zeek-conn', 'suricata-eve'] as const;
export type FlowLogFormat = (typeof FLOW_LOG_FORMATS)[number];

/** So many reasons are kept apart; more are counted together. */
const MAX_REASONS = 50;
/** When none of so many first lines can be read, this is no flow log. */
const PATIENCE = 20;
const REMEDY = "give Zeek's conn.log (tab-separated or JSON) or Suricata's eve.json with flow events";

/** What was read from a log. */
export interface FlowLogStatistics {
  readonly format: FlowLogFormat | undefined;
  readonly lines: number;
  readonly flows: number;
  /** Lines without a flow: headers and other events. */
  readonly other: number;
  /** Lines that could not be read, by reason. */
  readonly malformed: ReadonlyMap<string, number>;
}

/** Turns the bytes of one flow log into calls of a sink. The format is told by the first line unless it is stated. */
export class FlowLogDecoder {
  readonly #onFlow: CoreFlowSink;
  readonly #name: string;
  readonly #splitter = new LineSplitter((line) => this.#line(line));
  readonly #malformed = new Map<string, number>();
  #format: FlowLogFormat | undefined;
  #parser: FlowLogParser | undefined;
  #lines = 0;
  #flows = 0;
  #other = 0;
  #bad = 0;

  /** @param name the file's name, for errors */
  constructor(onFlow: CoreFlowSink, name: string, format?: FlowLogFormat) {
    this.#onFlow = onFlow;
    this.#name = name;
    this.#format = format;
    this.#parser = format === undefined ? undefined : createParser(format);
  }

  /** Flows given to the sink so far. */
  get flows(): number {
    return this.#flows;
  }

  /** @throws UserError when the first lines show that this is no flow log */
  push(chunk: Uint8Array): void {
    this.#splitter.push(chunk);
  }

  /** Takes what is left as the last line; another file may follow. */
  endFile(): void {
    this.#splitter.end();
  }

  /** @throws UserError when no line could be read */
  end(): FlowLogStatistics {
    this.endFile();
    if (this.#lines === 0) throw new UserError(this.#name, 'the file is empty', REMEDY);
    if (this.#flows === 0 && this.#bad === this.#lines) this.#refuse();
    return this.statistics();
  }

  statistics(): FlowLogStatistics {
    const malformed = new Map(this.#malformed);
    if (this.#splitter.tooLong > 0) malformed.set('longer than any record', this.#splitter.tooLong);
    return { format: this.#format, lines: this.#lines, flows: this.#flows, other: this.#other, malformed };
  }

  #line(line: string): void {
    this.#lines++;
    if (this.#parser === undefined) {
      this.#format = detectFormat(line);
      if (this.#format === undefined) throw new UserError(`${this.#name}: line 1`, 'this is no flow log', REMEDY);
      this.#parser = createParser(this.#format);
    }
    try {
      const flow = this.#parser.parse(line);
      if (flow === undefined) {
        this.#other++;
        return;
      }
      this.#flows++;
      this.#onFlow(flow);
    } catch (error) {
      if (!(error instanceof MalformedLine)) throw error;
      this.#bad++;
      const known = this.#malformed.has(error.message) || this.#malformed.size < MAX_REASONS;
      const reason = known ? error.message : 'other reasons';
      this.#malformed.set(reason, (this.#malformed.get(reason) ?? 0) + 1);
      if (this.#bad === PATIENCE && this.#flows === 0) this.#refuse();
    }
  }

  #refuse(): never {
    const [reason] = this.#malformed.keys();
    throw new UserError(`${this.#name}: line 1`, `this is no flow log (${reason})`, REMEDY);
  }
}

function detectFormat(line: string): FlowLogFormat | undefined {
  if (line.startsWith('#separator') || line.startsWith('#fields')) return 'zeek-conn';
  if (!line.startsWith('{')) return undefined;
  return line.includes('"event_type"') ? 'suricata-eve' : 'zeek-conn';
}

function createParser(format: FlowLogFormat): FlowLogParser {
  return format === 'zeek-conn' ? new ZeekConnParser() : new SuricataEveParser();
}
