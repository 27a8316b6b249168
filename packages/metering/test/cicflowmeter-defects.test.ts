import { describe, expect, it } from 'vitest';
import { ACCOUNTING_OPTIONS } from '../src/index.ts';
import { ACK, FIN, PSH, SYN, reply } from './support/packets.ts';
import { Bench } from './support/records.ts';

const CALL = { from: '10.0.0.1', to: '192.0.2.9', fromPort: 50_000, toPort: 80 };
const ANSWER = reply(CALL);

/** CICFlowMeter's known defects (Engelen et al. 2021, Liu et al. 2022), each with a flow that would show it here. */
describe('defects of CICFlowMeter that this meter must not have', () => {
  it('the first packet is counted twice', () => {
    const bench = new Bench();
    bench.wire.udp(0, CALL, 100);
    const [flow] = bench.flows();
    expect([flow.fields.forwardPackets, flow.fields.forwardBytes, flow.fields.forwardPayloadBytes]).toEqual([
      1, 128, 100,
    ]);
  });

  it('the FIN of one side is tested twice, so that a half-closed connection ends', () => {
    const bench = new Bench();
    bench.wire.tcp(0, CALL, { flags: SYN });
    bench.wire.tcp(0.1, ANSWER, { flags: SYN | ACK });
    bench.wire.tcp(0.2, CALL, { flags: FIN | ACK, sequence: 1 });
    bench.wire.tcp(0.3, CALL, { flags: FIN | ACK, sequence: 1 });
    for (let at = 1; at < 100; at += 10) bench.wire.tcp(at, ANSWER, { flags: ACK, sequence: at, payload: 10 });
    const flows = bench.flows();
    expect(flows).toHaveLength(1);
    expect(flows[0].end).toBe('input-end');
    expect(flows[0].features.tcp_state).toBe(6);
  });

  it('the timeout runs from the start of the flow only', () => {
    const bench = new Bench({ ...ACCOUNTING_OPTIONS, idleTimeoutSeconds: 120 });
    for (let at = 0; at <= 600; at += 100) bench.wire.udp(at, CALL);
    bench.wire.udp(721, CALL);
    expect(bench.flows().map((flow) => flow.fields.forwardPackets)).toEqual([7, 1]);
  });

  it('flows of a single packet are dropped', () => {
    const bench = new Bench();
    bench.wire.tcp(0, CALL, { flags: SYN });
    expect(bench.flows()).toHaveLength(1);
    expect(bench.meter.statistics()).toMatchObject({ flows: 1, packets: 1 });
  });

  it('the direction is lost after a timeout', () => {
    const bench = new Bench({ activeTimeoutSeconds: 100 });
    for (let at = 0; at < 250; at += 20) {
      bench.wire.udp(at, CALL);
      bench.wire.udp(at + 0.1, ANSWER, 30);
    }
    const records = bench.finish();
    expect(records.filter((record) => record.age === 'active')).toHaveLength(2);
    expect(new Set(records.map((record) => record.source))).toEqual(new Set(['10.0.0.1']));
    expect(records.at(-1)?.fields).toMatchObject({ forwardPackets: 13, backwardPackets: 13 });
  });

  it('directions are told apart by comparing references, not addresses', () => {
    const bench = new Bench();
    // Equal addresses in fresh buffers each time.
    for (let k = 0; k < 5; k++) {
      bench.wire.udp(k, { ...CALL }, 10);
      bench.wire.udp(k + 0.5, { ...ANSWER }, 20);
    }
    expect(bench.flows()[0].fields).toMatchObject({ forwardPayloadBytes: 50, backwardPayloadBytes: 100 });
  });

  it('only the flags of the first packet count', () => {
    const bench = new Bench();
    bench.wire.tcp(0, CALL, { flags: SYN });
    bench.wire.tcp(0.1, ANSWER, { flags: SYN | ACK });
    bench.wire.tcp(0.2, CALL, { flags: PSH | ACK, sequence: 1, payload: 5 });
    bench.wire.tcp(0.3, CALL, { flags: PSH | ACK, sequence: 6, payload: 5 });
    bench.wire.tcp(0.4, CALL, { flags: FIN | ACK, sequence: 11 });
    expect(bench.flows()[0].fields).toMatchObject({ forwardSyn: 1, backwardSyn: 1, push: 2, fin: 1 });
  });

  it('values of one direction overwrite those of the other', () => {
    const bench = new Bench();
    bench.wire.tcp(0, CALL, { flags: ACK, window: 0, payload: 700 });
    bench.wire.tcp(0.5, ANSWER, { flags: ACK, window: 500, payload: 20 });
    bench.wire.tcp(2, CALL, { flags: ACK, window: 0, sequence: 700, payload: 700 });
    const [flow] = bench.flows();
    expect(flow.features.zero_window_packets).toBe(2);
    expect([flow.features.forward_size_max, flow.features.backward_size_max]).toEqual([740, 60]);
    expect([flow.features.forward_gap_max, flow.features.backward_gap_mean]).toEqual([2, 0]);
  });

  it('means and rates come from integer division', () => {
    const bench = new Bench();
    bench.wire.udp(0, CALL, 1);
    bench.wire.udp(0.5, CALL, 2);
    bench.wire.udp(1.5, CALL, 2);
    const [flow] = bench.flows();
    expect(flow.features.forward_size_mean).toBeCloseTo(28 + 5 / 3, 5);
    expect(flow.features.packet_rate).toBe(2);
    expect(flow.features.forward_gap_mean).toBe(0.75);
  });
});
