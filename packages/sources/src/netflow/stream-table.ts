import { firstKey } from './first-key.ts';
import { SequenceCounter } from './sequence-counter.ts';
import type { Template } from './template.ts';

/** Exporters are not authenticated, and may send templates without end. */
const MOST_STREAMS = 1024;
const MOST_TEMPLATES = 1024;
/** Fields of all templates of all streams together: some 30 MB. */
const MOST_FIELDS = 262_144;
const MOST_SAMPLERS = 256;

/** State of one exporter's observation domain. */
export interface Stream {
  readonly templates: ReadonlyMap<number, Template>;
  readonly sequence: SequenceCounter;
  /** The latest sampling rate that an options record told. */
  sampling: number;
  /** Rates by sampler, where records say which. */
  readonly samplers: ReadonlyMap<number, number>;
  systemInit: number | undefined;
}

interface KeptStream extends Stream {
  readonly templates: Map<number, Template>;
  readonly samplers: Map<number, number>;
}

/** Streams of messages (exporter and domain) with their templates, in bounded memory. */
export class StreamTable {
  /** Streams that made room for others: those heard of least recently. */
  forgottenStreams = 0;
  /** Templates that made room for others: the oldest of their stream, or of the stream heard of least recently. */
  forgottenTemplates = 0;
  readonly #streams = new Map<string, KeptStream>();
  #fields = 0;

  /** The stream of a message that has come. */
  of(key: string): Stream {
    const known = this.#streams.get(key);
    if (known === undefined && this.#streams.size >= MOST_STREAMS) this.#forgetOldest();
    const stream = known ?? {
      templates: new Map(),
      sequence: new SequenceCounter(),
      sampling: 1,
      samplers: new Map(),
      systemInit: undefined,
    };
    this.#streams.delete(key);
    this.#streams.set(key, stream);
    return stream;
  }

  /** Keeps a template, in place of one with the same number. */
  keep(stream: Stream, id: number, template: Template): void {
    const { templates } = stream as KeptStream;
    this.withdraw(stream, id);
    templates.set(id, template);
    this.#fields += template.fields.length;
    if (templates.size > MOST_TEMPLATES) this.#forgetTemplate(stream);
    while (this.#fields > MOST_FIELDS) this.#forgetTemplate(this.#leastRecent());
  }

  /** Takes a template back. */
  withdraw(stream: Stream, id: number): void {
    const { templates } = stream as KeptStream;
    this.#fields -= templates.get(id)?.fields.length ?? 0;
    templates.delete(id);
  }

  /** Takes back all templates of flows, or all of options (RFC 7011, section 8.1). */
  withdrawAll(stream: Stream, ofOptions: boolean): void {
    for (const [id, { scopeFields }] of stream.templates) {
      if (scopeFields > 0 === ofOptions) this.withdraw(stream, id);
    }
  }

  /** Keeps the rate of a sampler; beyond the bound the oldest is forgotten, and the stream's rate holds. */
  keepSampler(stream: Stream, sampler: number, rate: number): void {
    const { samplers } = stream as KeptStream;
    samplers.delete(sampler);
    samplers.set(sampler, rate);
    if (samplers.size > MOST_SAMPLERS) samplers.delete(firstKey(samplers)!);
  }

  #forgetOldest(): void {
    const key = firstKey(this.#streams)!;
    for (const id of this.#streams.get(key)!.templates.keys()) this.withdraw(this.#streams.get(key)!, id);
    this.#streams.delete(key);
    this.forgottenStreams++;
  }

  #forgetTemplate(stream: Stream): void {
    this.withdraw(stream, firstKey(stream.templates)!);
    this.forgottenTemplates++;
  }

  /** The stream heard of least recently that has templates; there is one while fields are kept. */
  #leastRecent(): Stream {
    for (const stream of this.#streams.values()) if (stream.templates.size > 0) return stream;
    throw new Error('fields are counted that no template has');
  }
}
