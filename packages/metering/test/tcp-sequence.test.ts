import { describe, expect, it } from 'vitest';
import { ACK, RST, SYN, reply } from './support/packets.ts';
import { Bench } from './support/records.ts';

const CALL = { from: '10.0.0.1', to: '192.0.2.9', fromPort: 50_000, toPort: 443 };

/** Segments as [sequence, payload]; what the flow says of them. */
function meter(segments: readonly (readonly [number, number])[], first = 1000): object {
  const bench = new Bench();
  bench.wire.tcp(0, CALL, { flags: SYN, sequence: first - 1 });
  segments.forEach(([sequence, payload], k) => {
    bench.wire.tcp(0.1 * (k + 1), CALL, { flags: ACK, sequence: (first + sequence) >>> 0, payload });
  });
  const { retransmitted, late, gaps } = bench.flows()[0].fields;
  return { retransmitted, late, gaps };
}

describe('TCP sequence numbers', () => {
  it('in order are nothing special', () => {
    expect(
      meter([
        [0, 100],
        [100, 50],
        [150, 0],
        [150, 10],
      ]),
    ).toEqual({ retransmitted: 0, late: 0, gaps: 0 });
  });

  it('wrap around', () => {
    expect(
      meter(
        [
          [0, 100],
          [100, 100],
          [200, 10],
          [100, 100],
        ],
        0xffff_ff9c,
      ),
    ).toEqual({
      retransmitted: 1,
      late: 0,
      gaps: 0,
    });
  });

  it('that come again are retransmissions, also in part', () => {
    expect(
      meter([
        [0, 100],
        [0, 100],
        [50, 50],
        [50, 100],
      ]),
    ).toEqual({ retransmitted: 2, late: 0, gaps: 0 });
  });

  it('that are skipped are a gap, and what fills it is late, not retransmitted', () => {
    expect(
      meter([
        [0, 100],
        [300, 100],
        [100, 100],
        [200, 100],
        [200, 100],
      ]),
    ).toEqual({
      retransmitted: 1,
      late: 2,
      gaps: 1,
    });
  });

  it('of a keep-alive probe are no retransmission', () => {
    expect(
      meter([
        [0, 100],
        [99, 1],
        [99, 1],
      ]),
    ).toEqual({ retransmitted: 0, late: 0, gaps: 0 });
  });

  it('of a reset or of a new connection on the same ports start anew', () => {
    const bench = new Bench({ flowEnd: 'timeouts' });
    bench.wire.tcp(0, CALL, { flags: RST, sequence: 0 });
    bench.wire.tcp(1, CALL, { flags: SYN, sequence: 5_000_000 });
    bench.wire.tcp(2, CALL, { flags: SYN, sequence: 9_000_000 });
    bench.wire.tcp(3, CALL, { flags: SYN, sequence: 9_000_000 });
    bench.wire.tcp(4, CALL, { flags: ACK, sequence: 9_000_001, payload: 5 });
    expect(bench.flows()[0].fields).toMatchObject({ retransmitted: 1, late: 0, gaps: 0 });
  });
});

describe('TCP acknowledgments', () => {
  it('of bytes that were not seen say that the sensor is blind, once for each stretch', () => {
    const bench = new Bench();
    const answer = reply(CALL);
    bench.wire.tcp(0, CALL, { flags: SYN, sequence: 99 });
    bench.wire.tcp(0.1, answer, { flags: SYN | ACK, sequence: 499, acknowledgment: 100 });
    bench.wire.tcp(0.2, CALL, { flags: ACK, sequence: 100, acknowledgment: 500, payload: 50 });
    bench.wire.tcp(0.3, answer, { flags: ACK, sequence: 500, acknowledgment: 150 });
    bench.wire.tcp(0.4, answer, { flags: ACK, sequence: 500, acknowledgment: 250 });
    bench.wire.tcp(0.5, answer, { flags: ACK, sequence: 500, acknowledgment: 250 });
    bench.wire.tcp(0.6, answer, { flags: ACK, sequence: 500, acknowledgment: 350 });
    expect(bench.flows()[0].fields.unseen).toBe(2);
    expect(bench.meter.statistics().unseenAcknowledged).toBe(2);
  });
});
