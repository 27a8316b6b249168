import { describe, expect, it } from 'vitest';
import { ACK, SYN, ethernet, icmp, ipv4, ipv6, ula } from './support/packets.ts';
import { Bench } from './support/records.ts';

function idsOf(play: (bench: Bench) => void): string[] {
  const bench = new Bench();
  play(bench);
  return bench.flows().map((flow) => flow.fields.communityId);
}

/** Values from the specification's own examples (https://github.com/corelight/community-id-spec). */
describe('Community ID', () => {
  it('of TCP is the same from both sides', () => {
    const call = { from: '128.232.110.120', to: '66.35.250.204', fromPort: 34_855, toPort: 80 };
    const answer = { from: call.to, to: call.from, fromPort: 80, toPort: 34_855 };
    const expected = ['1:LQU9qZlK+B5F3KDmev6m5PMibrg='];
    expect(idsOf((bench) => bench.wire.tcp(0, call, { flags: SYN }))).toEqual(expected);
    expect(idsOf((bench) => bench.wire.tcp(0, answer, { flags: ACK }))).toEqual(expected);
  });

  it('of UDP', () => {
    const call = { from: '192.168.1.52', to: '8.8.8.8', fromPort: 54_585, toPort: 53 };
    expect(idsOf((bench) => bench.wire.udp(0, call))).toEqual(['1:d/FP5EW3wiY1vCndhwleRRKHowQ=']);
  });

  it('of ICMP is the same for request and reply', () => {
    const request = ethernet(0x0800, ipv4('192.168.0.89', '192.168.0.1', 1, icmp(8, 0)));
    const answer = ethernet(0x0800, ipv4('192.168.0.1', '192.168.0.89', 1, icmp(0, 0)));
    const expected = ['1:X0snYXpgwiv9TZtqg64sgzUn6Dk='];
    expect(idsOf((bench) => bench.wire.frame(0, request))).toEqual(expected);
    expect(idsOf((bench) => bench.wire.frame(0, answer))).toEqual(expected);
  });

  it('differs by direction for ICMP messages without an answer', () => {
    const there = ethernet(0x86dd, ipv6(ula(1), ula(2), 58, icmp(1, 4)));
    const back = ethernet(0x86dd, ipv6(ula(2), ula(1), 58, icmp(1, 4)));
    const ids = [there, back].flatMap((frame) => idsOf((bench) => bench.wire.frame(0, frame)));
    expect(new Set(ids).size).toBe(2);
  });
});
