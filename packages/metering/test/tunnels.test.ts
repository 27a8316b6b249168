import { describe, expect, it } from 'vitest';
import { TUNNEL_NAMES } from '../src/index.ts';
import { ethernet, ipv4, ipv6, udp, ula } from './support/packets.ts';
import { Bench } from './support/records.ts';

const INNER = ipv4('10.9.9.1', '10.9.9.2', 17, udp(1111, 53, [1, 2, 3]));
const INNER_FRAME = ethernet(0x0800, INNER);
const INNER_V6 = ipv6(ula(1), ula(2), 17, udp(1111, 53, [1, 2, 3]));

function outer(protocol: number, payload: readonly number[]): number[] {
  return ethernet(0x0800, ipv4('192.0.2.1', '192.0.2.2', protocol, payload));
}

function outerUdp(port: number, payload: readonly number[]): number[] {
  return outer(17, udp(50_000, port, payload));
}

function meter(frame: readonly number[], decapsulate = true): [string, string, number] | undefined {
  const bench = new Bench({ decapsulate });
  bench.wire.frame(1, frame);
  const [flow] = bench.flows();
  return flow && [TUNNEL_NAMES[flow.fields.tunnel], flow.source, flow.fields.destinationPort];
}

describe('tunnels', () => {
  it.each<[string, number[], string, string]>([
    ['IP in IP', outer(4, INNER), 'ip-in-ip', '10.9.9.1'],
    ['6in4', outer(41, INNER_V6), 'ip-in-ip', 'fd00::1'],
    ['6in6', ethernet(0x86dd, ipv6(ula(8), ula(9), 41, INNER_V6)), 'ip-in-ip', 'fd00::1'],
    ['4in6', ethernet(0x86dd, ipv6(ula(8), ula(9), 4, INNER)), 'ip-in-ip', '10.9.9.1'],
    ['GRE', outer(47, [0, 0, 8, 0, ...INNER]), 'gre', '10.9.9.1'],
    [
      'GRE with checksum, key and sequence',
      outer(47, [0xb0, 0, 0x86, 0xdd, ...Array<number>(12).fill(0), ...INNER_V6]),
      'gre',
      'fd00::1',
    ],
    ['GRE with Ethernet', outer(47, [0x20, 0, 0x65, 0x58, 0, 0, 0, 1, ...INNER_FRAME]), 'gre', '10.9.9.1'],
    [
      'PPTP',
      outer(47, [0x30, 0x81, 0x88, 0x0b, ...Array<number>(12).fill(0), 0xff, 3, 0, 0x21, ...INNER]),
      'gre',
      '10.9.9.1',
    ],
    ['ERSPAN II', outer(47, [0x10, 0, 0x88, 0xbe, ...Array<number>(12).fill(0), ...INNER_FRAME]), 'gre', '10.9.9.1'],
    ['VXLAN', outerUdp(4789, [8, 0, 0, 0, 0, 0, 7, 0, ...INNER_FRAME]), 'vxlan', '10.9.9.1'],
    [
      'Geneve with options',
      outerUdp(6081, [1, 0, 0x65, 0x58, 0, 0, 7, 0, 0, 0, 0, 0, ...INNER_FRAME]),
      'geneve',
      '10.9.9.1',
    ],
    ['GTP-U', outerUdp(2152, [0x30, 0xff, 0, 40, 0, 0, 0, 1, ...INNER]), 'gtp-u', '10.9.9.1'],
    [
      'GTP-U with an extension header',
      outerUdp(2152, [0x34, 0xff, 0, 48, 0, 0, 0, 1, 0, 0, 0, 0x85, 1, 0, 0, 0, ...INNER]),
      'gtp-u',
      '10.9.9.1',
    ],
    ['TZSP', outerUdp(37_008, [1, 0, 0, 1, 0, 10, 1, 5, 1, ...INNER_FRAME]), 'tzsp', '10.9.9.1'],
    [
      'CAPWAP',
      outerUdp(5247, [
        0,
        0x10,
        0,
        0,
        0,
        0,
        0,
        0,
        8,
        1,
        ...Array<number>(22).fill(0),
        0xaa,
        0xaa,
        3,
        0,
        0,
        0,
        8,
        0,
        ...INNER,
      ]),
      'capwap',
      '10.9.9.1',
    ],
    [
      'VXLAN in MPLS',
      ethernet(0x8847, [0, 1, 1, 64, ...outerUdp(4789, [8, 0, 0, 0, 0, 0, 7, 0, ...INNER_FRAME]).slice(14)]),
      'vxlan',
      '10.9.9.1',
    ],
  ])('%s is opened', (_name, frame, tunnel, source) => {
    expect(meter(frame)).toEqual([tunnel, source, 53]);
  });

  it('stay closed where asked', () => {
    expect(meter(outer(4, INNER), false)).toEqual(['', '192.0.2.1', 0]);
    expect(meter(outer(47, [0, 0, 8, 0, ...INNER]), false)).toEqual(['', '192.0.2.1', 0]);
    expect(meter(outerUdp(4789, [8, 0, 0, 0, 0, 0, 7, 0, ...INNER_FRAME]), false)).toEqual(['', '192.0.2.1', 4789]);
  });

  it('that carry no packet are metered themselves: signalling, keep-alives, other users of the port', () => {
    expect(meter(outer(47, [0, 0, 0, 0]))).toEqual(['', '192.0.2.1', 0]);
    expect(meter(outerUdp(2152, [0x32, 1, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0]))).toEqual(['', '192.0.2.1', 2152]);
    expect(meter(outerUdp(4789, [1, 2, 3]))).toEqual(['', '192.0.2.1', 4789]);
    expect(meter(outerUdp(6081, [0xff, 0, 0, 0, 0, 0, 0, 0]))).toEqual(['', '192.0.2.1', 6081]);
    expect(meter(outerUdp(5247, [1, 0, 0, 0]))).toEqual(['', '192.0.2.1', 5247]);
  });

  it('in which nothing can be metered are metered themselves: nobody hides behind a port or a protocol number', () => {
    const nonsense = [0x12, 0x34, 0x56, 0x78, 0x9a];
    expect(meter(outer(4, nonsense))).toEqual(['', '192.0.2.1', 0]);
    expect(meter(outer(4, [0x45, 0, 0, 200]))).toEqual(['', '192.0.2.1', 0]);
    expect(meter(outer(47, [0, 0, 0x20, 1, ...nonsense]))).toEqual(['', '192.0.2.1', 0]);
    const lldp = [...INNER_FRAME.slice(0, 12), 0x88, 0xcc, ...nonsense];
    expect(meter(outerUdp(4789, [8, 0, 0, 0, 0, 0, 7, 0, ...lldp]))).toEqual(['', '192.0.2.1', 4789]);
    expect(meter(outerUdp(6081, [0, 0, 0x12, 0x34, 0, 0, 7, 0, ...nonsense]))).toEqual(['', '192.0.2.1', 6081]);
    expect(meter(outerUdp(6081, [0x3f, 0, 0x65, 0x58, 0, 0, 7, 0, ...nonsense]))).toEqual(['', '192.0.2.1', 6081]);
    expect(meter(outerUdp(2152, [0x30, 0xff, 0, 40, 0, 0, 0, 1, ...nonsense]))).toEqual(['', '192.0.2.1', 2152]);
    expect(meter(outerUdp(2152, [0x34, 0xff, 0, 40, 0, 0, 0, 1, 0, 0, 0, 5, 9]))).toEqual(['', '192.0.2.1', 2152]);
    expect(meter(outerUdp(37_008, [1, 0, 0, 1, 13, 5]))).toEqual(['', '192.0.2.1', 37_008]);
  });

  it('that carry ARP are metered themselves too', () => {
    const bench = new Bench();
    const arp = [...INNER_FRAME.slice(0, 12), 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, ...Array<number>(20).fill(1)];
    bench.wire.frame(1, outerUdp(4789, [8, 0, 0, 0, 0, 0, 7, 0, ...arp]));
    expect(bench.flows().map(({ fields }) => fields.destinationPort)).toEqual([4789]);
    expect(bench.meter.statistics()).toMatchObject({ packets: 1, skipped: {} });
  });

  it('inside a tunnel in which nothing can be metered leave the outermost packet', () => {
    expect(meter(outer(4, ipv4('10.9.9.1', '10.9.9.2', 4, [0x12, 0x34])))).toEqual(['', '192.0.2.1', 0]);
  });

  it('keep flows apart from those outside of them', () => {
    const bench = new Bench();
    bench.wire.frame(1, INNER_FRAME);
    bench.wire.frame(2, outer(4, INNER));
    expect(bench.flows()).toHaveLength(2);
  });

  it('nested without end are cut short', () => {
    let packet = INNER;
    for (let k = 0; k < 40; k++) packet = ipv4('192.0.2.1', '192.0.2.2', 4, packet);
    const bench = new Bench();
    bench.wire.frame(1, ethernet(0x0800, packet));
    expect(bench.meter.statistics().skipped).toEqual({ 'tunnel-too-deep': 1 });
  });
});
