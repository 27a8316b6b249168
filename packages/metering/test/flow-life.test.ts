import { describe, expect, it } from 'vitest';
import { ACCOUNTING_OPTIONS } from '../src/index.ts';
import { ACK, FIN, RST, SYN, ethernet, icmp, ipv4, ipv6, reply, udp, ula } from './support/packets.ts';
import { Bench } from './support/records.ts';

const CALL = { from: '10.0.0.1', to: '192.0.2.9', fromPort: 50_000, toPort: 443 };
const ANSWER = reply(CALL);

function handshake(bench: Bench, at: number): void {
  bench.wire.tcp(at, CALL, { flags: SYN, sequence: 100 });
  bench.wire.tcp(at + 0.01, ANSWER, { flags: SYN | ACK, sequence: 500 });
  bench.wire.tcp(at + 0.02, CALL, { flags: ACK, sequence: 101 });
}

describe('direction', () => {
  it('follows the first packet', () => {
    const bench = new Bench();
    bench.wire.udp(1, CALL);
    bench.wire.udp(2, ANSWER);
    const [flow] = bench.flows();
    expect([flow.source, flow.destination]).toEqual(['10.0.0.1', '192.0.2.9']);
    expect([flow.fields.forwardPackets, flow.fields.backwardPackets]).toEqual([1, 1]);
  });

  it('is reversed by a SYN-ACK seen first', () => {
    const bench = new Bench();
    bench.wire.tcp(1, ANSWER, { flags: SYN | ACK });
    const [flow] = bench.flows();
    expect([flow.source, flow.fields.sourcePort, flow.fields.destinationPort]).toEqual(['10.0.0.1', 50_000, 443]);
    expect([flow.fields.forwardPackets, flow.fields.backwardPackets]).toEqual([0, 1]);
    expect(flow.features.mid_stream).toBe(0);
  });

  it('is reversed by an ICMP echo reply seen first', () => {
    const bench = new Bench();
    bench.wire.frame(1, ethernet(0x0800, ipv4('192.0.2.9', '10.0.0.1', 1, icmp(0, 0))));
    bench.wire.frame(2, ethernet(0x0800, ipv4('10.0.0.1', '192.0.2.9', 1, icmp(8, 0))));
    const flows = bench.flows();
    expect(flows).toHaveLength(1);
    expect(flows[0].source).toBe('10.0.0.1');
  });

  it('of a flow picked up mid-stream is that of its first packet, and flagged', () => {
    const bench = new Bench();
    bench.wire.tcp(1, ANSWER, { flags: ACK, payload: 10 });
    const [flow] = bench.flows();
    expect(flow.source).toBe('192.0.2.9');
    expect(flow.features.mid_stream).toBe(1);
  });
});

describe('the end of a flow', () => {
  it('comes with FIN from both sides, after the linger', () => {
    const bench = new Bench({ lingerSeconds: 5 });
    handshake(bench, 0);
    bench.wire.tcp(0.1, CALL, { flags: FIN | ACK, sequence: 101 });
    bench.wire.tcp(0.2, ANSWER, { flags: FIN | ACK, sequence: 501 });
    bench.wire.tcp(0.3, CALL, { flags: ACK, sequence: 102 });
    bench.meter.advanceTo(60, 0);
    expect(bench.records).toHaveLength(1);
    const [flow] = bench.records;
    expect([flow.end, flow.time, flow.fields.forwardPackets]).toEqual(['closed', 5.2, 4]);
  });

  it('comes with RST, after the linger', () => {
    const bench = new Bench({ lingerSeconds: 5 });
    bench.wire.tcp(0, CALL, { flags: SYN });
    bench.wire.tcp(0.25, ANSWER, { flags: RST | ACK });
    bench.meter.advanceTo(6, 0);
    expect(bench.records.map((r) => [r.end, r.time])).toEqual([['closed', 5.25]]);
  });

  it('comes at once where a new connection uses the ports of a closed one', () => {
    const bench = new Bench();
    bench.wire.tcp(0, CALL, { flags: SYN });
    bench.wire.tcp(0.1, ANSWER, { flags: RST | ACK });
    bench.wire.tcp(0.2, CALL, { flags: SYN });
    const flows = bench.flows();
    expect(flows.map((f) => f.end)).toEqual(['reused', 'input-end']);
    expect(flows.map((f) => f.fields.forwardPackets)).toEqual([1, 1]);
  });

  it('comes with timeouts alone where the policy says so', () => {
    const bench = new Bench(ACCOUNTING_OPTIONS);
    bench.wire.tcp(0, CALL, { flags: SYN });
    bench.wire.tcp(0.1, ANSWER, { flags: RST | ACK });
    bench.wire.tcp(60, CALL, { flags: SYN });
    bench.meter.advanceTo(1000, 0);
    expect(bench.records.map((r) => [r.end, r.time, r.fields.forwardPackets])).toEqual([['idle', 180, 2]]);
  });

  it('comes with the idle timeout exactly, not a nanosecond earlier', () => {
    const bench = new Bench(ACCOUNTING_OPTIONS);
    bench.wire.udp(0, CALL);
    bench.meter.advanceTo(119, 999_999_999);
    expect(bench.records).toHaveLength(0);
    bench.meter.advanceTo(120, 0);
    expect(bench.records).toHaveLength(1);
  });

  it('comes with the active timeout, and the next packet starts a flow', () => {
    const bench = new Bench(ACCOUNTING_OPTIONS);
    for (let at = 0; at <= 1830; at += 30) bench.wire.udp(at, CALL);
    expect(bench.flows().map((f) => [f.end, f.fields.forwardPackets])).toEqual([
      ['active', 60],
      ['input-end', 2],
    ]);
  });

  it('comes to the least recently used flow where the table is full', () => {
    const bench = new Bench({ maxFlows: 2, earlyRecords: false });
    bench.wire.udp(0, { ...CALL, fromPort: 1 });
    bench.wire.udp(0.1, { ...CALL, fromPort: 2 });
    bench.wire.udp(0.2, { ...CALL, fromPort: 1 });
    bench.wire.udp(0.3, { ...CALL, fromPort: 3 });
    expect(bench.records.map((r) => [r.end, r.fields.sourcePort])).toEqual([['evicted', 2]]);
    expect(bench.meter.statistics().evictedFlows).toBe(1);
  });
});

describe('early records', () => {
  it('come at 1 s, 10 s, 60 s and each active timeout, at their exact instants, and are no flows', () => {
    const bench = new Bench({ activeTimeoutSeconds: 100 });
    for (let at = 0.5; at < 250; at += 0.5) bench.wire.udp(at, CALL);
    const records = bench.finish();
    expect(records.map((r) => [r.age, r.time])).toEqual([
      ['1s', 1.5],
      ['10s', 10.5],
      ['60s', 60.5],
      ['active', 100.5],
      ['active', 200.5],
      ['final', 249.5],
    ]);
    expect(bench.meter.statistics()).toMatchObject({ flows: 1, records: 6 });
    expect(records.map((r) => r.features.forward_packets)).toEqual([2, 20, 120, 200, 400, 499]);
  });

  it('do not repeat what is known', () => {
    const bench = new Bench();
    bench.wire.udp(0, CALL);
    bench.wire.udp(0.1, ANSWER);
    bench.meter.advanceTo(500, 0);
    expect(bench.records.map((r) => [r.age, r.time])).toEqual([
      ['1s', 1],
      ['final', 120.1],
    ]);
  });

  it('are the same whichever packet reveals the deadline', () => {
    const late = new Bench();
    late.wire.udp(0, CALL);
    late.wire.udp(300, { from: '10.0.0.7', to: '10.0.0.8' });
    const early = new Bench();
    early.wire.udp(0, CALL);
    for (let at = 1; at < 300; at++) early.meter.advanceTo(at, 500);
    early.wire.udp(300, { from: '10.0.0.7', to: '10.0.0.8' });
    expect(early.finish().map((r) => [r.time, r.features])).toEqual(late.finish().map((r) => [r.time, r.features]));
  });
});

describe('time', () => {
  it('does not run backwards', () => {
    const bench = new Bench();
    bench.wire.udp(10, CALL);
    bench.wire.udp(5, ANSWER);
    bench.wire.udp(11, CALL);
    const [flow] = bench.flows();
    expect(flow.fields.duration).toBe(1);
    expect(bench.meter.statistics().timeReversals).toBe(1);
  });

  it('that is not a number or out of range is replaced by the present', () => {
    const bench = new Bench();
    bench.wire.udp(10, CALL);
    const frame = new Uint8Array(ethernet(0x0800, ipv4('10.0.0.1', '10.0.0.2', 17, [0, 1, 0, 2, 0, 8, 0, 0])));
    for (const seconds of [Number.NaN, -1, 1e18]) {
      bench.meter.packet(1, seconds, 0, frame, 0, frame.length, frame.length);
    }
    expect(bench.meter.statistics()).toMatchObject({ timesOutOfRange: 3, packets: 4, lastSeconds: 10 });
  });

  it('stays exact over decades', () => {
    const bench = new Bench({ earlyRecords: false });
    const year = 365 * 86_400;
    for (let k = 0; k < 40; k++) {
      bench.meter.advanceTo(k * year, 0);
      bench.wire.udp(k * year + 1, CALL);
      bench.meter.packet(
        1,
        k * year + 2,
        123_456_789,
        Uint8Array.from(ethernet(0x0800, ipv4(CALL.from, CALL.to, 17, [195, 80, 1, 187, 0, 8, 0, 0]))),
        0,
        42,
        42,
      );
    }
    const flows = bench.flows();
    expect(flows).toHaveLength(40);
    expect(new Set(flows.map((f) => f.fields.duration))).toEqual(new Set([1.123456789]));
    expect(flows.map((f) => f.fields.startSeconds)).toEqual(Array.from({ length: 40 }, (_, k) => k * year + 1));
  });
});

describe('a flow that nobody answers', () => {
  it('ends after a shorter timeout', () => {
    const bench = new Bench({ unansweredTimeoutSeconds: 30 });
    bench.wire.udp(0, CALL);
    bench.wire.udp(20, CALL);
    bench.wire.udp(21, { ...CALL, fromPort: 1 });
    bench.wire.udp(22, reply({ ...CALL, fromPort: 1 }));
    bench.meter.advanceTo(1000, 0);
    expect(bench.flows().map((flow) => [flow.end, flow.time])).toEqual([
      ['unanswered', 50],
      ['idle', 142],
    ]);
  });

  it('is evicted in its turn', () => {
    const bench = new Bench({ maxFlows: 3, earlyRecords: false });
    const calls = [1, 2, 3, 4, 5].map((fromPort) => ({ ...CALL, fromPort }));
    bench.wire.udp(0, calls[0]);
    bench.wire.udp(1, reply(calls[0]));
    bench.wire.udp(2, calls[1]);
    bench.wire.udp(3, calls[2]);
    bench.wire.udp(4, calls[3]);
    bench.wire.udp(5, calls[4]);
    expect(bench.records.map((record) => record.fields.sourcePort)).toEqual([1, 2]);
  });
});

describe('ICMP errors', () => {
  it('count for the flow that they quote', () => {
    const bench = new Bench();
    bench.wire.udp(0, CALL, 4);
    const quoted = ipv4(CALL.from, CALL.to, 17, [195, 80, 1, 187, 0, 12, 0, 0]);
    bench.wire.frame(0.1, ethernet(0x0800, ipv4('192.0.2.1', CALL.from, 1, icmp(3, 3, quoted))));
    bench.wire.frame(0.2, ethernet(0x0800, ipv4('192.0.2.1', CALL.from, 1, icmp(3, 3, quoted.slice(0, 22)))));
    bench.wire.frame(0.3, ethernet(0x0800, ipv4('192.0.2.1', CALL.from, 1, icmp(8, 0, quoted))));
    const [call, error] = bench.flows();
    expect([call.features.icmp_errors, call.features.unanswered]).toEqual([1, 1]);
    expect([error.source, error.fields.forwardPackets]).toEqual(['192.0.2.1', 3]);
  });
});

describe('fragments', () => {
  const first = udp(40_000, 53, Array<number>(16).fill(0));
  const rest = Array<number>(24).fill(0);
  const fragment = (offset: number, payload: readonly number[], more: boolean, id = 7): number[] =>
    ethernet(0x0800, ipv4('10.0.0.1', '10.0.0.2', 17, payload, { id, fragmentOffset: offset, moreFragments: more }));

  it('go to the flow of the first one', () => {
    const bench = new Bench();
    bench.wire.frame(0, fragment(0, first, true));
    bench.wire.frame(0.1, fragment(24, rest, true));
    bench.wire.frame(0.2, fragment(48, rest, false));
    bench.wire.frame(0.3, fragment(40, rest, false));
    const flows = bench.flows();
    expect(flows).toHaveLength(1);
    expect(flows[0].features).toMatchObject({ forward_packets: 4, fragments: 4 });
    expect(bench.meter.statistics().overlappingFragments).toBe(1);
  });

  it('without a first one, or too late for it, are skipped', () => {
    const bench = new Bench();
    bench.wire.frame(0, fragment(24, rest, true));
    bench.wire.frame(1, fragment(0, first, true, 8));
    bench.wire.frame(40, fragment(24, rest, false, 8));
    expect(bench.meter.statistics()).toMatchObject({ packets: 1, skipped: { 'fragment-without-first': 2 } });
  });

  it('of IPv6 too', () => {
    const bench = new Bench();
    const v6 = (offset: number, more: number, payload: readonly number[]): number[] =>
      ethernet(0x86dd, ipv6(ula(1), ula(2), 44, [17, 0, offset >> 8, offset | more, 0, 0, 0, 5, ...payload]));
    bench.wire.frame(0, v6(0, 1, first));
    bench.wire.frame(0.1, v6(24, 0, rest));
    expect(bench.flows().map((flow) => [flow.fields.destinationPort, flow.fields.fragments])).toEqual([[53, 2]]);
  });

  it('in a flood keep memory bounded', () => {
    const bench = new Bench();
    for (let id = 0; id < 5000; id++) bench.wire.frame(id / 1e4, fragment(0, first, true, id));
    expect(bench.meter.statistics()).toMatchObject({ evictedFragments: 5000 - 4096, packets: 5000 });
  });

  it('other than the first are not metered where timeouts alone end flows', () => {
    const bench = new Bench(ACCOUNTING_OPTIONS);
    bench.wire.frame(0, fragment(0, first, true));
    bench.wire.frame(0.1, fragment(24, rest, false));
    expect(bench.meter.statistics()).toMatchObject({ packets: 1, skipped: { fragment: 1 } });
  });
});

describe('a clock that is set back by an hour or more', () => {
  it('ends all flows; windows go on', () => {
    const bench = new Bench({ earlyRecords: false });
    bench.wire.udp(100_000, CALL);
    bench.wire.udp(100_001.5, { ...CALL, fromPort: 1 });
    bench.wire.udp(50_000.25, CALL);
    bench.wire.udp(50_001, CALL);
    expect(bench.flows().map((flow) => [flow.end, flow.time, flow.fields.startSeconds])).toEqual([
      ['clock-set-back', 100_001.5, 100_000],
      ['clock-set-back', 100_001.5, 100_001],
      ['input-end', 50_001, 50_000],
    ]);
    expect(bench.records[2].features).toMatchObject({ source_flows_10s: 3, duration: 0.75 });
    expect(bench.meter.statistics()).toMatchObject({ clockResets: 1, timeReversals: 0 });
  });

  it('is waited for where timeouts alone end flows', () => {
    const bench = new Bench(ACCOUNTING_OPTIONS);
    bench.wire.udp(100_000, CALL);
    bench.wire.udp(50_000, CALL);
    bench.wire.udp(100_100, CALL);
    expect(bench.flows().map(({ end, fields }) => [end, fields.forwardPackets])).toEqual([['input-end', 3]]);
    expect(bench.meter.statistics()).toMatchObject({ clockResets: 0, timeReversals: 1 });
  });

  it('again and again is not followed for ever', () => {
    const bench = new Bench({ earlyRecords: false });
    for (let k = 0; k < 3000; k++) bench.wire.udp(k % 2 === 0 ? 1 : 9_000_000_000, CALL);
    expect(bench.meter.statistics()).toMatchObject({ clockResets: 1000, packets: 3000 });
    expect(bench.flows().every((flow) => Object.values(flow.features).every((value) => Number.isFinite(value)))).toBe(
      true,
    );
  });
});
