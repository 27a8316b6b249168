import { type ExportedFlow, MalformedMessage } from './exported-flow.ts';
import { MessageReader } from './message-reader.ts';
import { readNetFlowV5 } from './netflow-v5.ts';
import { type ExportClock, flowOf, samplerOf, samplingOf, systemInitOf } from './record-values.ts';
import { type Stream, StreamTable } from './stream-table.ts';
import { type FieldPlace, placeFields, readTemplate } from './template.ts';
import { fromSeconds } from './times.ts';

const VERSION_9 = 9;
const VERSION_IPFIX = 10;
const V9_HEADER_LENGTH = 20;
const IPFIX_HEADER_LENGTH = 16;
const SET_HEADER_LENGTH = 4;
/** Sets of templates; those of options templates have the next number. */
const IPFIX_TEMPLATES = 2;
const V9_TEMPLATES = 0;
const FIRST_DATA_SET = 256;

const MAX_REASONS = 50;

/** What was read. */
export interface NetFlowStatistics {
  readonly messages: number;
  readonly flows: number;
  /** Records of options, such as the sampling rate. */
  readonly options: number;
  /** Sets that came before their template, which were passed over. */
  readonly withoutTemplate: number;
  /** Messages (version 9) or flows (version 5, IPFIX) that are missing by their serial numbers. */
  readonly lost: number;
  /** Exporters' domains, and templates, that made room for others. */
  readonly forgottenStreams: number;
  readonly forgottenTemplates: number;
  /** Messages that could not be read to their end, by reason. */
  readonly malformed: ReadonlyMap<string, number>;
}

/** Decodes NetFlow version 5 and 9 (RFC 3954) and IPFIX (RFC 7011), message by message, from any number of exporters. */
export class NetFlowDecoder {
  readonly #onFlow: (flow: ExportedFlow) => void;
  readonly #streams = new StreamTable();
  readonly #places = new Map<number, FieldPlace>();
  readonly #malformed = new Map<string, number>();
  #messages = 0;
  #flows = 0;
  #options = 0;
  #withoutTemplate = 0;
  #lost = 0;

  constructor(onFlow: (flow: ExportedFlow) => void) {
    this.#onFlow = onFlow;
  }

  statistics(): NetFlowStatistics {
    return {
      messages: this.#messages,
      flows: this.#flows,
      options: this.#options,
      withoutTemplate: this.#withoutTemplate,
      lost: this.#lost,
      forgottenStreams: this.#streams.forgottenStreams,
      forgottenTemplates: this.#streams.forgottenTemplates,
      malformed: new Map(this.#malformed),
    };
  }

  /**
   * Reads one message. What is wrong with it is counted, never thrown.
   *
   * @param exporter address of the sender: templates are kept per exporter
   */
  message(bytes: Uint8Array, exporter: string): void {
    this.#messages++;
    try {
      const message = new MessageReader(bytes);
      const version = message.u16(0);
      if (version === 5) this.#readV5(message, exporter);
      else if (version === VERSION_9) this.#readV9(message, exporter);
      else if (version === VERSION_IPFIX) this.#readIpfix(message, exporter);
      else throw new MalformedMessage(`version ${version} is not known (5, 9 and 10 are)`);
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error;
      const known = this.#malformed.has(error.message) || this.#malformed.size < MAX_REASONS;
      const reason = known ? error.message : 'other reasons';
      this.#malformed.set(reason, (this.#malformed.get(reason) ?? 0) + 1);
    }
  }

  #readV5(message: MessageReader, exporter: string): void {
    const { sequence, count, engine } = readNetFlowV5(message, exporter, (flow) => this.#give(flow));
    this.#lost += this.#streams.of(`5 ${exporter} ${engine}`).sequence.next(sequence, count);
  }

  #readV9(message: MessageReader, exporter: string): void {
    const stream = this.#streams.of(`9 ${exporter} ${message.u32(16)}`);
    this.#lost += stream.sequence.next(message.u32(12), 1);
    const clock = { now: fromSeconds(message.u32(8)), uptime: message.u32(4), systemInit: undefined };
    this.#readSets(message, V9_HEADER_LENGTH, message.length, stream, clock, exporter, VERSION_9);
  }

  #readIpfix(message: MessageReader, exporter: string): void {
    const length = message.u16(2);
    if (length < IPFIX_HEADER_LENGTH || length > message.length) {
      throw new MalformedMessage('an IPFIX message states a length that it does not have');
    }
    const stream = this.#streams.of(`10 ${exporter} ${message.u32(12)}`);
    const clock = { now: fromSeconds(message.u32(4)), uptime: undefined, systemInit: undefined };
    const [flows, options] = [this.#flows, this.#options];
    const unread = this.#withoutTemplate;
    this.#readSets(message, IPFIX_HEADER_LENGTH, length, stream, clock, exporter, VERSION_IPFIX);
    const newFlows = this.#flows - flows;
    const records = newFlows + this.#options - options;
    if (unread === this.#withoutTemplate) this.#lost += stream.sequence.next(message.u32(8), records, newFlows);
    // How many records a set without template has is not known.
    else stream.sequence.forget();
  }

  #readSets(
    message: MessageReader,
    from: number,
    end: number,
    stream: Stream,
    clock: ExportClock,
    exporter: string,
    version: number,
  ): void {
    const isIpfix = version === VERSION_IPFIX;
    const templateSet = isIpfix ? IPFIX_TEMPLATES : V9_TEMPLATES;
    let at = from;
    while (end - at >= SET_HEADER_LENGTH) {
      const id = message.u16(at);
      const length = message.u16(at + 2);
      if (length < SET_HEADER_LENGTH || at + length > end) throw new MalformedMessage('a set has an impossible length');
      const body = at + SET_HEADER_LENGTH;
      const bodyEnd = at + length;
      if (id === templateSet) this.#readTemplates(message, body, bodyEnd, stream, isIpfix);
      else if (id === templateSet + 1) this.#readOptionsTemplates(message, body, bodyEnd, stream, isIpfix);
      else if (id >= FIRST_DATA_SET) this.#readRecords(message, body, bodyEnd, stream, id, clock, exporter, isIpfix);
      at = bodyEnd;
    }
  }

  #readTemplates(message: MessageReader, from: number, end: number, stream: Stream, isIpfix: boolean): void {
    let at = from;
    while (end - at >= 4) {
      const id = message.u16(at);
      const count = message.u16(at + 2);
      at += 4;
      if (isIpfix && id === IPFIX_TEMPLATES && count === 0) this.#streams.withdrawAll(stream, false);
      if (id < FIRST_DATA_SET) return;
      // A template without fields is withdrawn (RFC 7011, section 8.1).
      if (count === 0) this.#streams.withdraw(stream, id);
      else at = this.#keep(message, at, count, 0, stream, id, isIpfix);
    }
  }

  #readOptionsTemplates(message: MessageReader, from: number, end: number, stream: Stream, isIpfix: boolean): void {
    let at = from;
    while (end - at >= 4) {
      const id = message.u16(at);
      // IPFIX counts fields, scopes included; version 9 gives both lengths in bytes.
      const first = message.u16(at + 2);
      if (isIpfix && id === IPFIX_TEMPLATES + 1 && first === 0) this.#streams.withdrawAll(stream, true);
      if (id < FIRST_DATA_SET) return;
      if (isIpfix && first === 0) {
        this.#streams.withdraw(stream, id);
        at += 4;
        continue;
      }
      const second = message.u16(at + 4);
      const count = isIpfix ? first : (first + second) / 4;
      const scopes = isIpfix ? second : first / 4;
      if (!Number.isInteger(count)) throw new MalformedMessage('an options template has an impossible length');
      at = this.#keep(message, at + 6, count, Math.max(1, scopes), stream, id, isIpfix);
    }
  }

  #keep(
    message: MessageReader,
    at: number,
    count: number,
    scopes: number,
    stream: Stream,
    id: number,
    isIpfix: boolean,
  ): number {
    const [template, next] = readTemplate(message, at, count, scopes, isIpfix);
    this.#streams.keep(stream, id, template);
    return next;
  }

  #readRecords(
    message: MessageReader,
    from: number,
    end: number,
    stream: Stream,
    id: number,
    clock: ExportClock,
    exporter: string,
    isIpfix: boolean,
  ): void {
    const template = stream.templates.get(id);
    if (template === undefined) {
      this.#withoutTemplate++;
      return;
    }
    let at = from;
    // What is left is padding when no record fits.
    while (end - at >= template.shortest) {
      at = placeFields(message, template, at, end, this.#places);
      if (template.scopeFields > 0) {
        this.#options++;
        this.#keepSampling(message, stream);
        stream.systemInit = systemInitOf(message, this.#places) ?? stream.systemInit;
        continue;
      }
      const times = { now: clock.now, uptime: clock.uptime, systemInit: stream.systemInit };
      const format = isIpfix ? 'ipfix' : 'netflow';
      const flow = flowOf(message, this.#places, times, format, exporter, this.#samplingOf(message, stream));
      if (flow === undefined) this.#options++;
      else this.#give(flow);
    }
  }

  /** Notes what an options record says about sampling, of one sampler or of all. */
  #keepSampling(message: MessageReader, stream: Stream): void {
    const rate = samplingOf(message, this.#places);
    if (rate === undefined) return;
    stream.sampling = rate;
    const sampler = samplerOf(message, this.#places);
    if (sampler !== undefined) this.#streams.keepSampler(stream, sampler, rate);
  }

  /** The rate that a flow's record states, or that of the sampler which it names, or the exporter's. */
  #samplingOf(message: MessageReader, stream: Stream): number {
    const sampler = samplerOf(message, this.#places);
    const ofSampler = sampler === undefined ? undefined : stream.samplers.get(sampler);
    return samplingOf(message, this.#places) ?? ofSampler ?? stream.sampling;
  }

  #give(flow: ExportedFlow): void {
    this.#flows++;
    this.#onFlow(flow);
  }
}
