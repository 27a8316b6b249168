import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ethernet, icmp, ipv4, ipv6, tcp, udp, ula, vlanTag } from './support/packets.ts';
import { Bench } from './support/records.ts';

const A = '10.0.0.1';
const B = '10.0.0.2';
const DATAGRAM = udp(1111, 53, [1, 2, 3]);
const PACKET = ipv4(A, B, 17, DATAGRAM);

/** The flow of a single frame, or why it was skipped. */
function meter(frame: readonly number[], linkType = 1): object {
  const bench = new Bench();
  bench.wire.frame(1, frame, linkType);
  const [flow] = bench.flows();
  if (flow === undefined) return bench.meter.statistics().skipped;
  const { sourcePort, destinationPort, protocol, vlan, forwardBytes, forwardPayloadBytes } = flow.fields;
  return { source: flow.source, sourcePort, destinationPort, protocol, vlan, forwardBytes, forwardPayloadBytes };
}

const PLAIN = {
  source: A,
  sourcePort: 1111,
  destinationPort: 53,
  protocol: 17,
  vlan: 0,
  forwardBytes: 31,
  forwardPayloadBytes: 3,
};

describe('link layers', () => {
  it.each<[string, number, number[], object]>([
    ['Ethernet', 1, ethernet(0x0800, PACKET), {}],
    ['802.1Q', 1, ethernet(0x8100, vlanTag(7, 0x0800, PACKET)), { vlan: 7 }],
    ['802.1ad, the innermost tag', 1, ethernet(0x88a8, vlanTag(7, 0x8100, vlanTag(9, 0x0800, PACKET))), { vlan: 9 }],
    ['MPLS, two labels', 1, ethernet(0x8847, [0, 1, 0, 64, 0, 2, 1, 64, ...PACKET]), {}],
    ['PPPoE', 1, ethernet(0x8864, [0x11, 0, 0, 1, 0, 33, 0, 0x21, ...PACKET]), {}],
    ['802.3 with SNAP', 1, ethernet(39, [0xaa, 0xaa, 3, 0, 0, 0, 8, 0, ...PACKET]), {}],
    ['PPP', 9, [0xff, 3, 0, 0x21, ...PACKET], {}],
    ['PPP, compressed protocol', 9, [0x21, ...PACKET], {}],
    ['MPLS in PPP', 9, [0xff, 3, 2, 0x81, 0, 1, 1, 64, ...PACKET], {}],
    ['Cisco HDLC', 104, [0x0f, 0, 8, 0, ...PACKET], {}],
    ['raw IP', 101, PACKET, {}],
    ['Frame Relay', 107, [0x18, 0x41, 3, 0xcc, ...PACKET], {}],
    ['Frame Relay, SNAP behind a padding byte', 107, [0x18, 0x41, 3, 0, 0x80, 0, 0, 0, 8, 0, ...PACKET], {}],
    ['Frame Relay, Cisco', 107, [0x18, 0x41, 8, 0, ...PACKET], {}],
    ['ARCNET', 129, [1, 2, 0, 0, 212, 0, 0, 7, ...PACKET], {}],
    ['ARCNET, RFC 1051', 129, [1, 2, 0, 0, 240, ...PACKET], {}],
    ['PPI', 192, [0, 0, 12, 0, 1, 0, 0, 0, 9, 9, 9, 9, ...ethernet(0x0800, PACKET)], {}],
    ['Solaris IPNET', 226, [...Array<number>(24).fill(0), ...PACKET], {}],
    ['NFLOG, little-endian', 239, [2, 0, 0, 1, 5, 0, 10, 0, 0, 0, 0, 0, 4 + PACKET.length, 0, 9, 0, ...PACKET], {}],
    ['NFLOG, big-endian', 239, [2, 0, 0, 1, 0, 5, 0, 10, 0, 0, 0, 0, 0, 4 + PACKET.length, 0, 9, ...PACKET], {}],
    ['IP over InfiniBand', 242, [...Array<number>(40).fill(0), 8, 0, 0, 0, ...PACKET], {}],
    ['raw IP as DLT', 12, PACKET, {}],
    ['null, little-endian', 0, [2, 0, 0, 0, ...PACKET], {}],
    ['null, big-endian', 0, [0, 0, 0, 2, ...PACKET], {}],
    ['Linux cooked', 113, [0, 0, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 8, 0, ...PACKET], {}],
    ['Linux cooked v2', 276, [8, 0, ...Array<number>(18).fill(0), ...PACKET], {}],
    ['802.11 data', 105, [8, 1, ...Array<number>(22).fill(0), 0xaa, 0xaa, 3, 0, 0, 0, 8, 0, ...PACKET], {}],
  ])('reads %s', (_name, linkType, frame, changes) => {
    expect(meter(frame, linkType)).toEqual({ ...PLAIN, ...changes });
  });

  it('names what it cannot read', () => {
    expect(meter(ethernet(0x0806, Array<number>(28).fill(0)))).toEqual({ arp: 1 });
    expect(meter(ethernet(0x88cc, [2, 7]))).toEqual({ 'not-ip': 1 });
    expect(meter([1, 2, 3])).toEqual({ 'frame-too-short': 1 });
    expect(meter(PACKET, 147)).toEqual({ 'link-type-147': 1 });
    expect(meter(ethernet(0x8864, [0x11, 0, 0, 1, 0, 4, 0xc0, 0x21, 1, 1]))).toEqual({ 'ppp-control': 1 });
  });
});

describe('IP', () => {
  it('reads IPv6 behind extension headers', () => {
    const hopByHop = [43, 0, 1, 4, 0, 0, 0, 0];
    const routing = [60, 0, 0, 0, 0, 0, 0, 0];
    const options = [17, 1, ...Array<number>(14).fill(0)];
    const packet = ipv6(ula(1), ula(2), 0, [...hopByHop, ...routing, ...options, ...DATAGRAM]);
    expect(meter(ethernet(0x86dd, packet))).toMatchObject({
      source: 'fd00::1',
      sourcePort: 1111,
      forwardPayloadBytes: 3,
    });
  });

  it('does not count Ethernet padding', () => {
    expect(meter([...ethernet(0x0800, PACKET), ...Array<number>(15).fill(0)])).toEqual(PLAIN);
  });

  it('takes a total length of 0 from segmentation offload as the length on the wire', () => {
    const packet = PACKET.slice();
    packet[2] = packet[3] = 0;
    expect(meter(ethernet(0x0800, packet))).toEqual(PLAIN);
  });

  it('reads TCP options as no payload, and a short data offset as a bare header', () => {
    const segment = tcp(1, 2, { flags: 16, payload: 12 });
    segment[12] = 0x80;
    expect(meter(ethernet(0x0800, ipv4(A, B, 6, segment)))).toMatchObject({ forwardPayloadBytes: 0 });
    segment[12] = 0x10;
    expect(meter(ethernet(0x0800, ipv4(A, B, 6, segment)))).toMatchObject({ forwardPayloadBytes: 12 });
  });

  it('has no ports for other protocols and for transports too short for a header', () => {
    for (const packet of [ipv4(A, B, 17, [1, 2, 3]), ipv4(A, B, 6, [1, 2, 3]), ipv4(A, B, 89, DATAGRAM)]) {
      expect(meter(ethernet(0x0800, packet))).toMatchObject({ sourcePort: 0, destinationPort: 0 });
    }
    expect(meter(ethernet(0x0800, ipv4(A, B, 1, icmp(8, 0, [1, 2]))))).toMatchObject({ forwardPayloadBytes: 2 });
  });

  it('names what is malformed', () => {
    const shortHeader = PACKET.slice();
    shortHeader[0] = 0x44;
    const shortTotal = PACKET.slice();
    shortTotal[3] = 10;
    const version = PACKET.slice();
    version[0] = 0x55;
    expect(meter(ethernet(0x0800, shortHeader))).toEqual({ 'ipv4-header-length': 1 });
    expect(meter(ethernet(0x0800, shortTotal))).toEqual({ 'ipv4-total-length': 1 });
    expect(meter(ethernet(0x0800, version))).toEqual({ 'ip-version': 1 });
    expect(meter(ethernet(0x86dd, ipv6(ula(1), ula(2), 59, [])))).toEqual({ 'ipv6-no-next-header': 1 });
    expect(meter(ethernet(0x86dd, ipv6(ula(1), ula(2), 0, [6, 9])))).toEqual({ 'ipv6-extension-truncated': 1 });
    expect(meter(ethernet(0x0800, PACKET.slice(0, 12)))).toEqual({ 'ipv4-truncated': 1 });
  });
});

describe('addresses', () => {
  it.each<[number[], string]>([
    [[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], '2001:db8::1'],
    [Array<number>(16).fill(0), '::'],
    [[0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 3, 0, 0, 0, 4], '1:0:2::3:0:4'],
    [[0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 0], '1:2:3:4:5:6:7:0'],
    [[...Array<number>(15).fill(0), 1], '::1'],
  ])('%j is %s (RFC 5952)', (bytes, text) => {
    expect(meter(ethernet(0x86dd, ipv6(bytes, ula(1), 17, DATAGRAM)))).toMatchObject({ source: text });
  });
});

describe('hostile input', () => {
  const valid = [
    ethernet(0x0800, PACKET),
    ethernet(0x8100, vlanTag(7, 0x86dd, ipv6(ula(1), ula(2), 0, [44, 0, 1, 4, 0, 0, 0, 0, 17, 0, 0, 1, 0, 0, 0, 9]))),
    ethernet(0x8847, [0, 1, 0, 64, 0, 2, 1, 64, ...ipv4(A, B, 4, ipv4(A, B, 6, tcp(1, 2, { flags: 2 })))]),
    ethernet(
      0x0800,
      ipv4(A, B, 17, udp(2152, 2152, [0x36, 255, 0, 40, 0, 0, 0, 1, 0, 0, 0, 0x85, 1, 0, 0, 0, ...PACKET])),
    ),
    ethernet(0x0800, ipv4(A, B, 1, icmp(3, 3, PACKET))),
  ];
  const linkTypes = [0, 1, 9, 12, 50, 51, 101, 104, 105, 108, 113, 127, 204, 228, 229, 276, 65_535];

  it('of any kind never throws, is metered or skipped for a reason, and gives finite features', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...valid),
        fc.array(fc.tuple(fc.nat(120), fc.nat(255)), { maxLength: 6 }),
        fc.nat(120),
        fc.constantFrom(...linkTypes, 1, 1, 1, 1),
        (frame, changes, cut, linkType) => {
          const mutated = frame.slice();
          for (const [at, value] of changes) if (at < mutated.length) mutated[at] = value;
          const bench = new Bench();
          bench.wire.frame(1, cut < mutated.length ? mutated.slice(0, cut) : mutated, linkType);
          const records = bench.finish();
          const { packets, skipped } = bench.meter.statistics();
          expect(packets + Object.values(skipped).reduce((sum, n) => sum + n, 0)).toBe(1);
          expect(records.every((r) => Object.values(r.features).every((value) => Number.isFinite(value)))).toBe(true);
        },
      ),
      { numRuns: 600, seed: 20_260_104 },
    );
  });
});
