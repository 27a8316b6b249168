import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  coreFlowOfSensor,
  FlowCoreBatch,
  FlowCoreMeter,
  flowCoreColumns,
  flowCoreSchema,
  FlowRecord,
} from '../../src/index.ts';
import { CORE_FEATURES } from '../../src/flow-core/core-features.ts';
import { FEATURES } from '../../src/features/feature-set.ts';
import { meterFlows, newMeter, type Row, sensorFlow, SYN } from './support.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;

function names(rows: readonly Row[]): string[] {
  return rows.map(({ flow }) => flow.sensorId);
}

describe('flow-core', () => {
  it('is a subset of the features of packets, with their meaning', () => {
    const columns = flowCoreSchema().columns.filter(({ role }) => role === 'feature');
    expect(columns).toHaveLength(CORE_FEATURES.length);
    for (const { column, value } of CORE_FEATURES) {
      const packets = FEATURES.find((feature) => feature.column.name === column.name)!;
      expect(value).toBe(packets.value);
      expect({ ...column, formula: '' }).toEqual({ ...packets.column, formula: '' });
    }
  });

  it('reads nothing of a record that some source cannot give', () => {
    const identity = ['addressWords', 'sourcePort', 'destinationPort', 'protocol', 'networkDirection'];
    const measured = ['duration', 'forwardPackets', 'backwardPackets', 'forwardBytes', 'backwardBytes', 'flags'];
    const given = new Set([...identity, ...measured, 'windows']);
    const read = new Set<string>();
    const record = new Proxy(new FlowRecord(), {
      get(target, name, receiver) {
        read.add(String(name));
        return Reflect.get(target, name, receiver) as unknown;
      },
    });
    for (const { value } of CORE_FEATURES) value(record);
    expect([...read].filter((name) => !given.has(name))).toEqual([]);
    expect(read.size).toBeGreaterThan(8);
  });
});

describe('FlowCoreMeter', () => {
  it('computes the features of a flow by hand', () => {
    const [row] = meterFlows([sensorFlow(0)]);
    expect(row!.features).toMatchObject({
      duration: Math.fround(0.01),
      forward_packets: 5,
      backward_packets: 4,
      packet_rate: 900,
      byte_rate: 450_000,
      byte_asymmetry: Math.fround(-3500 / 4500),
      forward_size_mean: 100,
      backward_size_mean: 1000,
      unanswered: 0,
      mid_stream: 0,
      protocol_class: 1,
      service_class: 2,
      network_direction: 2,
      group_destination: 0,
      source_flows_10s: 1,
      source_destinations_60s: 1,
      source_bytes_10min: 500,
      pair_bytes_1h: 4500,
      sensor_flows_10s: 1,
    });
    expect(row!.time).toBeCloseTo(0.01, 9);
  });

  it('counts flows of hosts by their ends', () => {
    // A scan of ten ports of one host and twenty hosts, all unanswered, and a slow flow that began before and ends after.
    const unanswered = { backwardPackets: 0, backwardBytes: 0, forwardTcpFlags: SYN, backwardTcpFlags: 0 };
    const scan = Array.from({ length: 30 }, (_, k) =>
      sensorFlow(20 + k / 10, { ...unanswered, dstPort: k < 10 ? 1000 + k : 22, dstIp: `192.0.2.${k < 10 ? 1 : k}` }),
    );
    const slow = sensorFlow(0, { end: sensorFlow(24).start, dstIp: '198.51.100.1' });
    const rows = meterFlows([...scan, slow]);
    const last = rows.at(-1)!;
    expect(last.flow.duration).toBe(24);
    expect(last.features).toMatchObject({
      source_flows_10s: 31,
      source_destinations_60s: 22,
      source_ports_60s: 12,
      source_unanswered_share_60s: Math.fround(30 / 31),
      destination_flows_10s: 1,
    });
    const tenth = rows[9]!;
    expect(tenth.features).toMatchObject({
      source_ports_60s: 10,
      source_destinations_60s: 1,
      pair_flows_60s: 10,
      destination_unanswered_share_60s: 1,
      destination_half_open_share_60s: 1,
    });
  });

  it('lets flows leave the windows', () => {
    const rows = meterFlows([0, 5, 14, 30, 700].map((second) => sensorFlow(second)));
    expect(rows.map(({ features }) => features['source_flows_10s'])).toEqual([1, 2, 2, 1, 1]);
    expect(rows.map(({ features }) => features['source_flows_10min'])).toEqual([1, 2, 3, 4, 1]);
    expect(rows.map(({ coldStart }) => coldStart)).toEqual([true, true, true, true, false]);
  });

  it('sees a beacon by its regularity', () => {
    const rows = meterFlows(Array.from({ length: 12 }, (_, k) => sensorFlow(60 * k)));
    expect(rows.at(-1)!.features['pair_regularity']).toBeGreaterThan(0.99);
  });
});

describe('flows that come out of order', () => {
  const flows = Array.from({ length: 40 }, (_, k) => sensorFlow(7 * k, { dstIp: `192.0.2.${(k * 5) % 11}` }));
  const inOrder = meterFlows(flows);

  it('are put in order while they come in time', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(flows, { minLength: flows.length }), (shuffled) => {
        expect(meterFlows(shuffled, { disorderSeconds: 280 })).toEqual(inOrder);
      }),
      { numRuns: 25 },
    );
  });

  it('are taken at the present time and counted when they come too late', () => {
    const { meter, rows } = newMeter({ disorderSeconds: 10 });
    for (const second of [0, 30, 100, 20, 95]) meter.add(coreFlowOfSensor(sensorFlow(second)));
    meter.finish();
    expect(names(rows)).toEqual(['flow at 0', 'flow at 30', 'flow at 20', 'flow at 95', 'flow at 100']);
    expect(rows.map(({ time }) => Math.floor(time))).toEqual([0, 30, 30, 95, 100]);
    expect(meter.statistics()).toMatchObject({ flows: 5, lateFlows: 1, clockResets: 0 });
  });

  it('wait no longer than time allows', () => {
    const { meter, rows } = newMeter({ disorderSeconds: 10 });
    meter.add(coreFlowOfSensor(sensorFlow(50)));
    meter.advanceTo(1_700_000_059);
    expect(rows).toHaveLength(0);
    meter.advanceTo(1_700_000_060);
    expect(rows).toHaveLength(1);
    expect(meter.statistics().waiting).toBe(0);
  });

  it('wait in bounded number', () => {
    const order: string[] = [];
    const meter = new FlowCoreMeter(
      { homeNetworks: [], maxHosts: 64 },
      { coreRecord: ({ flow }) => void order.push(flow.sensorId) },
    );
    for (let k = 0; k < 65_536 + 10; k++) meter.add(coreFlowOfSensor(sensorFlow(0, { sensorId: String(k) })));
    expect(meter.statistics()).toMatchObject({ waiting: 65_536, hurriedFlows: 10, flows: 10 });
    meter.finish();
    expect(order).toEqual(Array.from({ length: 65_546 }, (_, k) => String(k)));
  });

  it('begin a new time when a log of another day follows', () => {
    const { meter, rows } = newMeter();
    for (const second of [3 * DAY, 3 * DAY + 1, 0, 1]) meter.add(coreFlowOfSensor(sensorFlow(second)));
    meter.finish();
    expect(rows.map(({ time }) => Math.floor(time))).toEqual([3 * DAY, 3 * DAY + 1, 0, 1]);
    expect(meter.statistics()).toMatchObject({ clockResets: 1, lateFlows: 0 });
  });

  it('do not break anything, whatever their times are', () => {
    const time = fc.oneof(
      fc.bigInt(0n, 2n ** 63n),
      fc.bigInt({ min: 0n, max: 10_000n }).map((s) => s * 1_000_000_000n),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(time, time), { maxLength: 60 }), (times) => {
        const rows = meterFlows(times.map(([start, end]) => sensorFlow(0, { start, end })));
        expect(rows).toHaveLength(times.length);
        for (const { features, time: at } of rows) {
          for (const value of Object.values(features)) expect(value).toSatisfy(Number.isFinite);
          expect(at).toSatisfy(Number.isFinite);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('FlowCoreBatch', () => {
  it('gives rows column by column as the schema says', () => {
    const batch = new FlowCoreBatch(2);
    const { meter, rows } = newMeter();
    meter.add(coreFlowOfSensor(sensorFlow(0)));
    meter.finish();
    const { flow, features, coldStart } = rows[0]!;
    const values = Float32Array.from(Object.values(features));
    batch.add({ flow, timeSeconds: 1_700_000_000, timeNanoseconds: 10_000_000, coldStart, features: values });
    const { length, columns } = flowCoreColumns(batch);
    expect(length).toBe(1);
    expect(Object.keys(columns)).toEqual(flowCoreSchema().columns.map(({ name }) => name));
    expect(columns).toMatchObject({
      sensor: ['zeek'],
      uid: ['flow at 0'],
      src_ip: ['10.0.0.1'],
      dst_ip: ['192.0.2.7'],
      service: ['ssl'],
      time: BigInt64Array.of(1_700_000_000_010_000_000n),
      start: BigInt64Array.of(1_700_000_000_000_000_000n),
      duration: Float32Array.of(0.01),
    });
    expect(batch.full).toBe(false);
    batch.clear();
    expect(batch.length).toBe(0);
  });
});
