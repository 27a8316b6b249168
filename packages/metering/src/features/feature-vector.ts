import type { FlowRecord } from '../records/flow-record.ts';
import { FEATURES } from './feature-set.ts';

/** The model input of one record, reused from record to record. */
export class FeatureVector {
  readonly values = new Float32Array(FEATURES.length);

  /** Computes all features of a record whose measurements and windows are filled. Every value is finite. */
  fill(record: FlowRecord): void {
    const { values } = this;
    for (let k = 0; k < values.length; k++) values[k] = FEATURES[k].value(record);
  }
}
