import { AGE_CLASSES, type AgeClass, FlowRecord } from '@edgeguard/metering';
import { flowSchema } from '@edgeguard/metering';
import { describe, expect, it } from 'vitest';
import { assume, labelByRules } from '../src/labels/labeller.ts';
import { LabelledRecords } from '../src/metering/labelled-records.ts';

function newRecord(flowId: number, age: AgeClass): FlowRecord {
  const record = new FlowRecord();
  record.flowId = flowId;
  record.ageClass = AGE_CLASSES.indexOf(age) + 1;
  record.isFinal = age === 'final';
  record.features = new Float32Array(flowSchema().columns.filter(({ role }) => role === 'feature').length);
  return record;
}

describe('LabelledRecords', () => {
  it('keeps one record per flow and age class', () => {
    const records = new LabelledRecords('a.pcap', assume('normal'));
    const ages: AgeClass[] = ['1s', '10s', '60s', 'active', 'active', 'active', 'final'];
    for (const age of ages) records.record(newRecord(7, age));
    records.record(newRecord(8, 'active'));
    const [batch] = records.take();
    expect(batch!.columns['record_age']).toEqual(['1s', '10s', '60s', 'active', 'final', 'active']);
    expect(records.repeated).toBe(2);
    expect(records.take()).toEqual([]);
  });

  it('hands rows over in full and part batches, in order, each with its capture', () => {
    const records = new LabelledRecords('a.pcap', assume('unknown'));
    for (let id = 1; id <= 5000; id++) {
      if (id === 4500) records.capture = 'b.pcap';
      records.record(newRecord(id, 'final'));
    }
    const batches = records.take();
    expect(batches.map(({ length }) => length)).toEqual([4096, 403, 501]);
    const ids = batches.flatMap(({ columns }) => [...(columns['flow_id'] as BigInt64Array)]);
    expect(ids).toEqual(Array.from({ length: 5000 }, (_, i) => BigInt(i + 1)));
    expect(batches.map(({ columns }) => (columns['capture'] as string[])[0])).toEqual(['a.pcap', 'a.pcap', 'b.pcap']);
  });
});

describe('labelByRules', () => {
  const rule = { srcIp: '', dstIp: '', srcPort: 0, dstPort: 0, protocol: 6, label: 'attack', attack: 'scan' } as const;

  it('goes by when the packets were, not by when the record was emitted', () => {
    const labelOf = labelByRules([{ ...rule, from: 10_000_000_000n, to: 20_000_000_000n }]);
    const record = newRecord(1, 'final');
    record.protocol = 6;
    record.startSeconds = 5;
    record.duration = 4;
    record.timeSeconds = 129;
    expect(labelOf(record).label).toBe('normal');
    record.duration = 5;
    expect(labelOf(record)).toMatchObject({ label: 'attack', attack: 'scan' });
    record.startSeconds = 21;
    expect(labelOf(record).label).toBe('normal');
  });
});
