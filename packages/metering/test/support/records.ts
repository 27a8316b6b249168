import {
  AGE_CLASSES,
  END_REASONS,
  FlowMeter,
  type FlowRecord,
  type MeteringOptions,
  flowSchema,
} from '../../src/index.ts';
import { Wire } from './packets.ts';

/** A copy of a record, as tests read it. */
export interface RecordCopy {
  readonly age: string;
  readonly end: string;
  readonly source: string;
  readonly destination: string;
  readonly time: number;
  readonly fields: FlowRecord;
  /** Features by name. */
  readonly features: Readonly<Record<string, number>>;
}

const NAMES = flowSchema()
  .columns.filter((column) => column.role === 'feature')
  .map((column) => column.name);

function copyOf(record: FlowRecord): RecordCopy {
  const fields = Object.assign(Object.create(Object.getPrototypeOf(record) as object) as FlowRecord, record, {
    addressWords: record.addressWords.slice(),
    features: record.features.slice(),
  });
  return {
    age: AGE_CLASSES[record.ageClass - 1],
    end: END_REASONS[record.endReason],
    source: record.sourceAddress,
    destination: record.destinationAddress,
    time: record.timeSeconds + record.timeNanoseconds / 1e9,
    fields,
    features: Object.fromEntries(NAMES.map((name, k) => [name, record.features[k] ?? Number.NaN])),
  };
}

/** A meter, a wire to it, and all its records. */
export class Bench {
  readonly records: RecordCopy[] = [];
  readonly meter: FlowMeter;
  readonly wire: Wire;

  constructor(options: Partial<MeteringOptions> = {}) {
    const small = { maxFlows: 256, maxHosts: 128 };
    this.meter = new FlowMeter({ ...small, ...options }, { record: (record) => this.records.push(copyOf(record)) });
    this.wire = new Wire(this.meter);
  }

  /** Ends the input and gives all records. */
  finish(): readonly RecordCopy[] {
    this.meter.finish();
    return this.records;
  }

  /** Ends the input and gives the flows: last records only. */
  flows(): readonly RecordCopy[] {
    return this.finish().filter((record) => record.fields.isFinal);
  }
}
