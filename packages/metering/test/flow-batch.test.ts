import { allocateColumn } from '@edgeguard/contracts/arrow';
import { featuresOf } from '@edgeguard/contracts';
import { describe, expect, it } from 'vitest';
import { type FlowBatch, FlowBatcher, FlowMeter, flowBatchColumns, flowSchema } from '../src/index.ts';
import { Wire } from './support/packets.ts';

describe('flow batches', () => {
  it('give every column of the schema, in its type, row by row as emitted', () => {
    const lengths: number[] = [];
    const sources: string[] = [];
    const rows: number[] = [];
    const batcher = new FlowBatcher(3, (batch: FlowBatch) => {
      const { length, columns } = flowBatchColumns(batch);
      lengths.push(length);
      sources.push(...(columns.src_ip as string[]));
      for (const column of flowSchema().columns) {
        expect(columns[column.name]).toHaveLength(length);
        expect(columns[column.name].constructor).toBe(allocateColumn(column.type, 0).constructor);
      }
      const names = featuresOf(flowSchema()).map((feature) => feature.name);
      const matrix = Array.from(batch.features.subarray(0, length * batch.width));
      expect(names.flatMap((name) => Array.from(columns[name] as Float32Array)).toSorted()).toEqual(matrix.toSorted());
      rows.push(...Array.from(columns.forward_payload_bytes as Float32Array));
      expect(columns.record_age).toEqual(Array<string>(length).fill('final'));
      expect(Array.from(columns.start as BigInt64Array)).toEqual(
        Array.from(columns.flow_id as BigInt64Array, (id) => 1_700_000_000_250_000_000n + id * 1_000_000_000n),
      );
    });
    const meter = new FlowMeter({ earlyRecords: false, maxFlows: 100, maxHosts: 100 }, batcher);
    const wire = new Wire(meter);
    for (let k = 1; k <= 7; k++) wire.udp(1_700_000_000.25 + k, { from: `10.0.0.${k}`, to: '10.0.1.1' }, k);
    meter.finish();
    batcher.flush();
    batcher.flush();
    expect(lengths).toEqual([3, 3, 1]);
    expect(sources).toEqual([1, 2, 3, 4, 5, 6, 7].map((k) => `10.0.0.${k}`));
    expect(rows).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('refuse options out of range by name', () => {
    const sink = new FlowBatcher(1, () => {});
    expect(() => new FlowMeter({ maxFlows: 0 }, sink)).toThrow(/maxFlows/);
    expect(() => new FlowMeter({ idleTimeoutSeconds: Number.NaN }, sink)).toThrow(/idleTimeoutSeconds/);
    expect(() => new FlowMeter({ homeNetworks: ['10.0.0.0/99'] }, sink)).toThrow(/10\.0\.0\.0\/99/);
  });
});
