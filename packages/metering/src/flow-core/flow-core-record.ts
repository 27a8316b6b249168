import type { CoreFlowRecord } from './core-flow.ts';

/** One row of `flow-core`. The meter reuses a single object: read it during the call, copy what you keep. */
export interface FlowCoreRecord {
  /** The flow itself; it may be kept. */
  readonly flow: CoreFlowRecord;
  /** The instant of the row: the flow's end, or the present where the flow came too late to be put in order. */
  readonly timeSeconds: number;
  readonly timeNanoseconds: number;
  /** True while the windows are still filling. */
  readonly coldStart: boolean;
  /** The model inputs in schema order. */
  readonly features: Float32Array;
}

/** Takes rows in order of time. */
export interface FlowCoreSink {
  /** One row, reused by the next call. */
  coreRecord(record: FlowCoreRecord): void;
}
