import type { DatasetSchema, MeteringSettings } from '@edgeguard/contracts';
import type { ColumnBatch } from '@edgeguard/contracts/arrow';
import { coreFlowOf, corePacketOptions, FlowCoreMeter, FlowMeter, type FlowRecord } from '@edgeguard/metering';
import type { Labeller } from '../labels/labeller.ts';
import type { CollectionCounts } from './collection-counts.ts';
import { CORE_FLOWS_SCHEMA, CoreRecords } from './core-records.ts';
import { FLOWS_SCHEMA } from './flows-schema.ts';
import { LabelledRecords } from './labelled-records.ts';

/** What packets become. */
export type PacketSchema = 'flow-packets' | 'flow-core';

/** A stream of packets on its way to rows. */
export interface PacketStream {
  /** Takes the packets. */
  readonly meter: FlowMeter;
  /** Name of the capture that packets from now on come from. */
  capture: string;
  /** Hands over the rows so far. To be called often: rows wait in memory until then. */
  take(): ColumnBatch[];
  /** The packets have ended: flows that are open end, and everything is counted. */
  finish(counts: CollectionCounts): void;
}

/** Columns of `flows.arrow`. */
export function rowSchema(schema: PacketSchema): DatasetSchema {
  return schema === 'flow-core' ? CORE_FLOWS_SCHEMA : FLOWS_SCHEMA;
}

export function openPacketStream(
  schema: PacketSchema,
  settings: MeteringSettings,
  capture: string,
  labelOf: Labeller,
): PacketStream {
  return schema === 'flow-core'
    ? new CoreStream(settings, capture, labelOf)
    : new RecordStream(settings, capture, labelOf);
}

/** Packets to records with all that packets tell. */
class RecordStream implements PacketStream {
  readonly meter: FlowMeter;
  readonly #records: LabelledRecords;

  constructor(settings: MeteringSettings, capture: string, labelOf: Labeller) {
    this.#records = new LabelledRecords(capture, labelOf);
    this.meter = new FlowMeter(settings, this.#records);
  }

  set capture(name: string) {
    this.#records.capture = name;
  }

  take(): ColumnBatch[] {
    return this.#records.take();
  }

  finish(counts: CollectionCounts): void {
    this.meter.finish();
    counts.add(this.meter.statistics(), this.#records.repeated);
  }
}

/** Packets to flows with what every flow source can tell. */
class CoreStream implements PacketStream {
  readonly meter: FlowMeter;
  capture: string;
  readonly #labelOf: Labeller;
  readonly #records = new CoreRecords('unknown');
  readonly #core: FlowCoreMeter;

  constructor(settings: MeteringSettings, capture: string, labelOf: Labeller) {
    this.capture = capture;
    this.#labelOf = labelOf;
    this.#core = new FlowCoreMeter(settings, this.#records);
    this.meter = new FlowMeter(corePacketOptions(settings), { record: (record) => this.#add(record) });
  }

  take(): ColumnBatch[] {
    return this.#records.take();
  }

  finish(counts: CollectionCounts): void {
    this.meter.finish();
    this.#core.finish();
    counts.add(this.meter.statistics(), 0);
    counts.addCore(this.capture, this.#core.statistics());
  }

  #add(record: FlowRecord): void {
    if (!record.isFinal) return;
    const flow = coreFlowOf(record);
    const { label, attack } = this.#labelOf(record);
    flow.origin = this.capture;
    flow.label = label;
    flow.attack = attack;
    this.#core.add(flow);
  }
}
