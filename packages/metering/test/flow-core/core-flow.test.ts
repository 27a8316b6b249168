import { describe, expect, it } from 'vitest';
import { coreFlowOf, coreFlowOfSensor, flowCoreSchema, FlowMeter, type SensorFlow } from '../../src/index.ts';
import { reply, Wire } from '../support/packets.ts';
import { ACK, FIN, meterFlows, RST, sensorFlow, SYN } from './support.ts';

/** Name of the TCP state of a flow with these flags. */
function stateOf(change: Partial<SensorFlow>): string {
  const [row] = meterFlows([sensorFlow(0, change)]);
  const column = flowCoreSchema().columns.find(({ name }) => name === 'tcp_state') as { categories?: string[] };
  return column.categories![row!.features['tcp_state']! - 1]!;
}

describe('a flow that a sensor tells of', () => {
  it.each([
    ['closed', SYN | ACK | FIN, SYN | ACK | FIN],
    ['closing', SYN | ACK | FIN, SYN | ACK],
    ['established', SYN | ACK, SYN | ACK],
    ['half-open', SYN, SYN | ACK],
    ['unanswered', SYN, 0],
    ['rejected', SYN, RST | ACK],
    ['reset', SYN | ACK | RST, SYN | ACK],
    ['mid-stream', ACK, ACK],
  ])('has the TCP state %s', (state, forwardTcpFlags, backwardTcpFlags) => {
    expect(stateOf({ forwardTcpFlags, backwardTcpFlags })).toBe(state);
  });

  it('has a TCP state by its answer where the sensor tells no flags', () => {
    const noFlags = { forwardTcpFlags: undefined, backwardTcpFlags: undefined };
    expect(stateOf(noFlags)).toBe('established');
    expect(stateOf({ ...noFlags, backwardPackets: 0, backwardBytes: 0 })).toBe('unanswered');
    expect(stateOf({ ...noFlags, protocol: 17 })).toBe('not-tcp');
  });

  it('is scaled up where the sensor sampled', () => {
    const flow = coreFlowOfSensor(sensorFlow(0, { sampling: 100 }));
    expect([flow.forwardPackets, flow.backwardPackets]).toEqual([500, 400]);
    expect([flow.forwardBytes, flow.backwardBytes]).toEqual([50_000, 400_000]);
  });

  it('has no ports where its protocol has none', () => {
    const flow = coreFlowOfSensor(sensorFlow(0, { protocol: 1, srcPort: 8, dstPort: 0x303 }));
    expect([flow.sourcePort, flow.destinationPort]).toEqual([0, 0]);
  });

  it('keeps addresses of both families', () => {
    const [v4, v6] = [sensorFlow(0), sensorFlow(0, { srcIp: 'fe80::1cf4:44d2:904a:14f7', dstIp: 'ff02::1:3' })];
    const words = (flow: SensorFlow) => [...coreFlowOfSensor(flow).addressWords].map((word) => word >>> 0);
    expect(words(v4)).toEqual([0, 0, 0xffff, 0x0a000001, 0, 0, 0xffff, 0xc0000207]);
    expect(words(v6)).toEqual([0xfe800000, 0, 0x1cf444d2, 0x904a14f7, 0xff020000, 0, 0, 0x10003]);
  });

  it('holds times that int64 can hold, whatever the sensor says', () => {
    const flow = coreFlowOfSensor(sensorFlow(0, { start: -5n, end: 2n ** 70n }));
    expect([flow.startSeconds, flow.startNanoseconds]).toEqual([0, 0]);
    expect(flow.endSeconds).toBe(9_223_372_036);
    const [row] = meterFlows([sensorFlow(0, { start: 100n, end: 50n })]);
    expect(row!.features['duration']).toBe(0);
  });
});

describe('a flow of packets', () => {
  it('is the same as a sensor would tell of it', () => {
    const flows: unknown[] = [];
    const meter = new FlowMeter(
      { maxFlows: 64, maxHosts: 64, earlyRecords: false, features: false },
      { record: (record) => void flows.push(coreFlowOf(record)) },
    );
    const call = { from: '10.0.0.1', to: '192.0.2.7', fromPort: 40_000, toPort: 443 };
    const wire = new Wire(meter);
    wire.tcp(1_700_000_000, call, { flags: SYN, sequence: 1 });
    wire.tcp(1_700_000_000.0625, reply(call), { flags: SYN | ACK, sequence: 1 });
    wire.tcp(1_700_000_000.125, call, { flags: ACK | FIN, sequence: 2 });
    wire.tcp(1_700_000_000.25, reply(call), { flags: ACK | FIN, sequence: 2 });
    wire.tcp(1_700_000_000.5, call, { flags: ACK, sequence: 3 });
    meter.finish();
    const told = coreFlowOfSensor(
      sensorFlow(0, {
        sensor: 'packets',
        sensorId: '1',
        service: '',
        end: sensorFlow(0).start + 500_000_000n,
        forwardPackets: 3,
        backwardPackets: 2,
        forwardBytes: 120,
        backwardBytes: 80,
      }),
    );
    expect(flows).toEqual([told]);
  });
});
