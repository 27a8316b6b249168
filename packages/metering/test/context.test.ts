import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readClientHello } from '../src/context/client-hello.ts';
import { readDhcpHost } from '../src/context/dhcp-message.ts';
import { readDnsAddresses } from '../src/context/dns-message.ts';
import { ja4 } from '../src/context/ja4.ts';
import { CONTEXT_ANSWERS } from '../src/context/traffic-context.ts';
import { ACCOUNTING_OPTIONS, featureReference, flowSchema } from '../src/index.ts';
import { ACK, ethernet, ipv4, tcp, udp } from './support/packets.ts';
import { Bench } from './support/records.ts';

const be16 = (value: number): number[] => [value >> 8, value & 0xff];
const text = (value: string): number[] => [...value].map((c) => c.charCodeAt(0));
const ip = (value: string): number[] => value.split('.').map(Number);
const dnsName = (name: string): number[] => [...name.split('.').flatMap((l) => [l.length, ...text(l)]), 0];

/** A response with one question, an alias, and an A record of it. */
function answer(name: string, address: string, ttl: number, flags = 0x8180): number[] {
  const record = (type: number, data: number[]) => [
    ...be16(type),
    0,
    1,
    0,
    0,
    ...be16(ttl),
    ...be16(data.length),
    ...data,
  ];
  return [
    ...be16(7),
    ...be16(flags),
    0,
    1,
    0,
    2,
    0,
    0,
    0,
    0,
    ...dnsName(name),
    0,
    1,
    0,
    1,
    0xc0,
    12,
    ...record(5, dnsName('edge.cdn.test')),
    ...dnsName('edge.cdn.test'),
    ...record(1, ip(address)),
  ];
}

const extension = (type: number, data: number[]): number[] => [...be16(type), ...be16(data.length), ...data];

/** A ClientHello message from its handshake type on, padded to a length. */
function helloMessage(name: string, padding = 0): number[] {
  const server = [...be16(name.length + 3), 0, ...be16(name.length), ...text(name)];
  const extensions = [
    ...extension(0x1a1a, []),
    ...extension(0, server),
    ...extension(16, [0, 3, 2, ...text('h2')]),
    ...extension(43, [4, 0x2a, 0x2a, 3, 4]),
    ...extension(13, [0, 4, 4, 3, 8, 4]),
    ...extension(21, Array<number>(padding).fill(0)),
  ];
  const body = [
    3,
    3,
    ...Array<number>(32).fill(9),
    0,
    0,
    6,
    0x0a,
    0x0a,
    0x13,
    0x02,
    0x13,
    0x01,
    1,
    0,
    ...be16(extensions.length),
    ...extensions,
  ];
  return [1, 0, ...be16(body.length), ...body];
}

const tlsRecord = (message: number[]): number[] => [22, 3, 1, ...be16(message.length), ...message];

class Host extends Bench {
  datagram(time: number, from: string, to: string, ports: [number, number], payload: number[]): void {
    this.wire.frame(time, ethernet(0x0800, ipv4(from, to, 17, udp(...ports, payload))));
  }

  segment(time: number, sequence: number, payload: number[]): void {
    const bytes = [...tcp(50_000, 443, { flags: ACK, sequence }), ...payload];
    this.wire.frame(time, ethernet(0x0800, ipv4('10.0.0.5', '192.0.2.9', 6, bytes)));
  }

  names(): (readonly [string, string, string])[] {
    return this.flows()
      .filter(({ fields }) => fields.protocol === 6)
      .map(({ fields: f }) => [f.dnsName, f.tlsServerName, f.ja4] as const);
  }
}

const resolve = (bench: Host, time: number, name: string, ttl = 60, client = '10.0.0.5', flags?: number) =>
  bench.datagram(time, '10.0.0.1', client, [53, 40_000], answer(name, '192.0.2.9', ttl, flags));

describe('the DNS name of a flow', () => {
  it('is what its client asked for, whatever aliases led to the address', () => {
    const bench = new Host();
    resolve(bench, 0, 'www.Example.org');
    bench.segment(1, 0, []);
    expect(bench.names()[0][0]).toBe('www.example.org');
  });

  it('is the latest answer before the flow began', () => {
    const bench = new Host();
    resolve(bench, 0, 'old.test');
    resolve(bench, 1, 'new.test');
    bench.segment(2, 0, []);
    resolve(bench, 3, 'later.test');
    bench.segment(4, 0, [1]);
    expect(bench.names()[0][0]).toBe('new.test');
  });

  it('is none of another client, of an error, or of a question', () => {
    const bench = new Host();
    resolve(bench, 0, 'other.test', 60, '10.0.0.6');
    resolve(bench, 0, 'error.test', 60, '10.0.0.5', 0x8183);
    resolve(bench, 0, 'question.test', 60, '10.0.0.5', 0x0100);
    bench.segment(1, 0, []);
    expect(bench.names()[0][0]).toBe('');
  });

  it('is forgotten after its TTL, five minutes at least', () => {
    for (const [ttl, after, name] of [
      [10, 299, 'a.test'],
      [10, 301, ''],
      [3600, 3500, 'a.test'],
      [3600, 3601, ''],
    ] as const) {
      const bench = new Host();
      resolve(bench, 0, 'a.test', ttl);
      bench.segment(after, 0, []);
      expect([ttl, after, bench.names()[0][0]]).toEqual([ttl, after, name]);
    }
  });

  it('is kept for a bounded number of answers', () => {
    const bench = new Host({ maxFlows: 2 * CONTEXT_ANSWERS });
    resolve(bench, 0, 'first.test');
    for (let k = 0; k < CONTEXT_ANSWERS; k++) {
      bench.datagram(1, '10.0.0.1', '10.0.0.5', [53, 1], answer('x.test', `172.16.${k >> 8}.${k & 0xff}`, 60));
    }
    bench.segment(2, 0, []);
    expect(bench.names()[0][0]).toBe('');
    expect(bench.meter.contextStatistics()?.evictedNames).toBe(1);
  });

  it('survives pointers in circles and lengths that lie', () => {
    const circle = [
      0, 7, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 1, 2, 3,
      4,
    ];
    const found: string[] = [];
    readDnsAddresses(Uint8Array.from(circle), 0, circle.length, false, (name) => found.push(name));
    readDnsAddresses(Uint8Array.from(circle), 0, circle.length, true, (name) => found.push(name));
    expect(found).toEqual([]);
  });
});

describe('a TLS client hello', () => {
  it('tells the server name and JA4 of its flow', () => {
    const bench = new Host();
    bench.segment(0, 100, tlsRecord(helloMessage('Shop.test')));
    const [[, server, fingerprint]] = bench.names();
    expect(server).toBe('shop.test');
    const part = (list: string) => createHash('sha256').update(list).digest('hex').slice(0, 12);
    expect(fingerprint).toBe(`t13d0205h2_${part('1301,1302')}_${part('000d,0015,002b_0403,0804')}`);
  });

  it.each([
    ['in order', [0, 1, 2], true],
    ['with a segment twice', [0, 0, 1, 1, 2], true],
    ['with a segment missing', [0, 2], false],
  ])('in three segments, %s', (_, order, isWhole) => {
    const bench = new Host();
    const bytes = tlsRecord(helloMessage('long.test', 3000));
    const size = Math.ceil(bytes.length / 3);
    order.forEach((k, i) => bench.segment(i * 0.001, 100 + k * size, bytes.slice(k * size, (k + 1) * size)));
    expect(bench.names()[0][1]).toBe(isWhole ? 'long.test' : '');
    expect(bench.meter.contextStatistics()?.incompleteHellos).toBe(isWhole ? 0 : 1);
  });

  it('in two TLS records', () => {
    const bench = new Host();
    const message = helloMessage('split.test');
    bench.segment(0, 1, [...tlsRecord(message.slice(0, 50)), ...tlsRecord(message.slice(50))]);
    expect(bench.names()[0][1]).toBe('split.test');
  });

  it('that waits for ever makes room for others', () => {
    const bench = new Host({ maxFlows: 1024 });
    const first = tlsRecord(helloMessage('long.test', 3000)).slice(0, 1000);
    for (let k = 0; k < 200; k++) {
      const bytes = [...tcp(1000 + k, 443, { flags: ACK }), ...first];
      bench.wire.frame(k / 1000, ethernet(0x0800, ipv4('10.0.0.5', '192.0.2.9', 6, bytes)));
    }
    expect(bench.meter.contextStatistics()?.incompleteHellos).toBe(200 - 64);
  });

  it('has the JA4 that its specification gives as an example', () => {
    const ciphers = [
      0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x9c, 0x9d, 0x2f, 0x35,
    ];
    const extensions = [
      0x1b, 0x00, 0x33, 0x10, 0x4469, 0x17, 0x2d, 0x0d, 0x05, 0x23, 0x12, 0x2b, 0xff01, 0x0b, 0x0a, 0x15,
    ];
    const signatureAlgorithms = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601];
    const alpn = Uint8Array.from(text('h2'));
    const supportedVersions = [0x1a1a, 0x0304, 0x0303];
    const fields = { legacyVersion: 0x0303, ciphers: [0xdada, ...ciphers], extensions: [0x6a6a, ...extensions] };
    expect(ja4({ ...fields, signatureAlgorithms, alpn, supportedVersions })).toBe(
      't13d1516h2_8daaf6152771_e5627efa2ab1',
    );
  });

  it('has zeros where it lists nothing, and hexadecimal digits where ALPN is no text', () => {
    const nothing = {
      legacyVersion: 0x0301,
      ciphers: [],
      extensions: [],
      signatureAlgorithms: [],
      supportedVersions: [],
    };
    expect(ja4({ ...nothing, alpn: new Uint8Array(0) })).toBe('t10i000000_000000000000_000000000000');
    expect(ja4({ ...nothing, alpn: Uint8Array.of(0xab) })).toBe('t10i0000ab_000000000000_000000000000');
    expect(ja4({ ...nothing, alpn: Uint8Array.of(0xab, 0xcd) })).toBe('t10i0000ad_000000000000_000000000000');
  });
});

describe('names of hosts', () => {
  const dhcp = (options: number[], clientAddress = [0, 0, 0, 0]): number[] => [
    1,
    1,
    6,
    0,
    ...Array<number>(8).fill(0),
    ...clientAddress,
    ...Array<number>(220).fill(0),
    0x63,
    0x82,
    0x53,
    0x63,
    ...options,
    255,
  ];

  it('come from DHCP requests: option 12 and the address asked for', () => {
    const bench = new Host();
    const request = dhcp([53, 1, 3, 50, 4, 10, 0, 0, 5, 12, 6, ...text('Laptop')]);
    bench.datagram(0, '0.0.0.0', '255.255.255.255', [68, 67], request);
    bench.segment(1, 0, []);
    expect(bench.flows().map(({ fields }) => fields.sourceName)).toContain('laptop');
  });

  it('do not come from offers, discoveries or requests without a name', () => {
    for (const options of [
      [53, 1, 1, 12, 1, 97, 50, 4, 1, 2, 3, 4],
      [53, 1, 3, 50, 4, 1, 2, 3, 4],
      [53, 1, 3, 12, 1, 97],
    ]) {
      const bytes = Uint8Array.from(dhcp(options));
      expect(readDhcpHost(bytes, 0, bytes.length)).toBeNull();
    }
  });

  it('come from multicast DNS', () => {
    const bench = new Host();
    const record = [...dnsName('printer.local'), 0, 1, 0x80, 1, 0, 0, 0, 120, 0, 4, 192, 0, 2, 9];
    bench.datagram(0, '192.0.2.9', '224.0.0.251', [5353, 5353], [0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0, ...record]);
    bench.segment(1, 0, []);
    const [flow] = bench.flows().filter(({ fields }) => fields.protocol === 6);
    expect(flow.fields.destinationName).toBe('printer.local');
  });
});

describe('context', () => {
  it('is no model input, and none is kept for accounting', () => {
    const names = ['dns_name', 'tls_server_name', 'ja4', 'source_name', 'destination_name'];
    const roles = flowSchema()
      .columns.filter(({ name }) => names.includes(name))
      .map(({ role }) => role);
    expect(roles).toEqual(names.map(() => 'ignore'));
    for (const name of names) expect(featureReference()).not.toContain(name);
    const bench = new Host(ACCOUNTING_OPTIONS);
    resolve(bench, 0, 'a.test');
    bench.segment(1, 0, tlsRecord(helloMessage('b.test')));
    expect(bench.names()).toEqual([['', '', '']]);
    expect(bench.meter.contextStatistics()).toBeNull();
  });

  it('never throws and stays plain text, whatever the bytes', () => {
    const seen: string[] = [];
    const mutated = (seed: number[]) =>
      fc.array(fc.tuple(fc.nat(seed.length - 1), fc.nat(255)), { maxLength: 8 }).chain((changes) =>
        fc.oneof(fc.constant(seed.length), fc.nat(seed.length)).map((length) => {
          const bytes = Uint8Array.from(seed);
          for (const [at, value] of changes) bytes[at] = value;
          return bytes.subarray(0, length);
        }),
      );
    const hello = helloMessage('a.test');
    const response = answer('a.test', '1.2.3.4', 60);
    fc.assert(
      fc.property(mutated(hello), mutated(response), (message, dns) => {
        const read = readClientHello(message);
        if (read !== null) seen.push(read.serverName);
        for (const byOwner of [true, false]) {
          readDnsAddresses(dns, 0, dns.length, byOwner, (name) => seen.push(name));
        }
        readDhcpHost(dns, 0, dns.length);
      }),
      { numRuns: 2000, seed: 20_260_109 },
    );
    expect(seen.length).toBeGreaterThan(100);
    for (const name of seen) expect(name).toMatch(/^[!-@[-~]{0,253}$/);
  });
});
