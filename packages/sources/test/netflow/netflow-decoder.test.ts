import { describe, expect, it } from 'vitest';
import { type ExportedFlow, NetFlowDecoder } from '../../src/index.ts';
import { ipfix, Message, set, v5, v9 } from './messages.ts';

function decode(...messages: Uint8Array[]) {
  const flows: ExportedFlow[] = [];
  const decoder = new NetFlowDecoder((flow) => flows.push(flow));
  for (const message of messages) decoder.message(message, 'router');
  return { flows, statistics: decoder.statistics() };
}

const TEMPLATE_FIELDS = [8, 4, 12, 4, 7, 2, 11, 2, 4, 1, 6, 1, 2, 4, 1, 4, 22, 4, 21, 4];
const V9_TEMPLATE = set(0, new Message().u16(300, 10, ...TEMPLATE_FIELDS));
const RECORD = new Message().u8(10, 0, 0, 1, 10, 0, 0, 2).u16(1234, 80).u8(6, 0x12).u32(5, 700, 40_000, 60_000).build();
const V9_DATA = set(300, new Message().raw(RECORD, RECORD).u16(0));

describe('NetFlow version 5', () => {
  it('gives the fields of a record', () => {
    const { flows, statistics } = decode(v5(9, 0x4064));
    expect(flows).toEqual([
      {
        format: 'netflow',
        exporter: 'router',
        exportedAt: 1_700_000_000_500_000_000n,
        start: 1_699_999_998_500_000_000n,
        end: 1_700_000_000_000_000_000n,
        srcIp: '10.0.0.1',
        dstIp: '192.168.0.2',
        srcPort: 40_000,
        dstPort: 443,
        protocol: 6,
        packets: 12,
        bytes: 3456,
        tcpFlags: 0x1b,
        reverse: undefined,
        sampling: 100,
      },
    ]);
    expect(statistics).toMatchObject({ messages: 1, flows: 1, lost: 0, malformed: new Map() });
  });

  it('allows for an uptime that came round, and for clocks that are not exact', () => {
    const times = (first: number, last: number) => {
      const message = v5(1);
      const view = new DataView(message.buffer);
      view.setUint32(24 + 24, first);
      view.setUint32(24 + 28, last);
      const [{ start, end }] = decode(message).flows;
      return [start, end].map((time) => Number((time - 1_700_000_000_500_000_000n) / 1_000_000n));
    };
    expect(times(99_000, 100_000)).toEqual([-1000, 0]);
    expect(times(2 ** 32 - 50_000, 20_000)).toEqual([-150_000, -80_000]);
    expect(times(100_000, 100_400)).toEqual([0, 400]);
    expect(times(1_000_000, 1_000_500)).toEqual([-(2 ** 32 - 900_000), -(2 ** 32 - 900_500)]);
  });

  it('counts flows that are missing by their serial numbers', () => {
    expect(decode(v5(9), v5(10), v5(15), v5(16)).statistics.lost).toBe(4);
    // A message that comes late, and an exporter that begins anew.
    expect(decode(v5(9), v5(11), v5(10), v5(12)).statistics.lost).toBe(1);
    expect(decode(v5(5_000_000), v5(0), v5(1)).statistics.lost).toBe(0);
  });
});

describe('NetFlow version 9', () => {
  it('reads records by the template, in the same message and later ones', () => {
    const { flows, statistics } = decode(v9(1, V9_TEMPLATE, V9_DATA), v9(2, V9_DATA));
    expect(flows).toHaveLength(4);
    expect(flows[3]).toMatchObject({
      srcIp: '10.0.0.1',
      dstPort: 80,
      packets: 5,
      bytes: 700,
      tcpFlags: 0x12,
      start: 1_699_999_940_000_000_000n,
      end: 1_699_999_960_000_000_000n,
    });
    expect(statistics).toMatchObject({ flows: 4, lost: 0, withoutTemplate: 0 });
  });

  it('counts data that come before their template, and keeps the templates of exporters apart', () => {
    const flows: ExportedFlow[] = [];
    const decoder = new NetFlowDecoder((flow) => flows.push(flow));
    decoder.message(v9(1, V9_DATA), 'a');
    decoder.message(v9(2, V9_TEMPLATE), 'a');
    decoder.message(v9(1, V9_DATA), 'b');
    decoder.message(v9(3, V9_DATA), 'a');
    expect(flows.map(({ exporter }) => exporter)).toEqual(['a', 'a']);
    expect(decoder.statistics().withoutTemplate).toBe(2);
  });

  it('takes the sampling rate from options', () => {
    const options = set(1, new Message().u16(310, 4, 4, 1, 4, 34, 4));
    const rate = set(310, new Message().u32(1, 512));
    const { flows, statistics } = decode(v9(1, V9_TEMPLATE, options, rate, V9_DATA));
    expect(flows.map(({ sampling }) => sampling)).toEqual([512, 512]);
    expect(statistics.options).toBe(1);
  });
});

describe('IPFIX', () => {
  it('reads variable lengths, foreign fields, both directions and absolute times', () => {
    const template = set(
      2,
      new Message()
        .u16(400, 9, 27, 16, 28, 16, 0x8000 | 12, 0xffff)
        .u32(9999)
        .u16(152, 8, 153, 8, 2, 8, 0x8000 | 2, 8)
        .u32(29_305)
        .u16(0x8000 | 1, 2)
        .u32(29_305)
        .u16(85, 3),
    );
    const address = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    const record = (name: Message) =>
      new Message()
        .raw(address, address, name.build())
        .u32(395, 3_490_791_424 + 123, 395, 3_490_791_424 + 456, 0, 7, 0, 8)
        .u16(900)
        .u8(1, 0, 0)
        .build();
    const short = record(new Message().u8(3, 1, 2, 3));
    const long = record(new Message().u8(255).u16(300).raw(new Uint8Array(300)));
    const { flows, statistics } = decode(ipfix(0, template, set(400, new Message().raw(short, long))));
    expect(statistics).toMatchObject({ flows: 2, malformed: new Map() });
    expect(flows[1]).toEqual({ ...flows[0] });
    expect(flows[0]).toMatchObject({
      format: 'ipfix',
      srcIp: '2001:db8::1',
      start: BigInt(395 * 2 ** 32 + 3_490_791_424 + 123) * 1_000_000n,
      end: BigInt(395 * 2 ** 32 + 3_490_791_424 + 456) * 1_000_000n,
      packets: 7,
      bytes: 65_536,
      tcpFlags: undefined,
      reverse: { packets: 8, bytes: 900, tcpFlags: undefined },
    });
  });

  it('takes relative times with the start of the exporter from options, and PSAMP sampling', () => {
    const options = set(3, new Message().u16(500, 4, 1, 149, 4, 160, 8, 305, 4, 306, 4));
    const told = set(500, new Message().u32(7, 395, 3_490_791_424, 1, 9));
    const template = set(2, new Message().u16(300, 10, ...TEMPLATE_FIELDS));
    const { flows } = decode(ipfix(0, options, told, template, set(300, new Message().raw(RECORD))));
    expect(flows[0]).toMatchObject({
      start: BigInt(395 * 2 ** 32 + 3_490_791_424 + 40_000) * 1_000_000n,
      sampling: 10,
    });
  });

  it('counts missing records, in both ways of counting', () => {
    const template = set(2, new Message().u16(300, 10, ...TEMPLATE_FIELDS));
    const records = (count: number) => set(300, new Message().raw(...Array.from({ length: count }, () => RECORD)));
    const before = [ipfix(0, template), ipfix(0, records(3)), ipfix(3, records(1)), ipfix(6, records(2))];
    expect(decode(...before).statistics.lost).toBe(2);
    const including = [ipfix(0, template), ipfix(3, records(3)), ipfix(4, records(1)), ipfix(6, records(2))];
    expect(decode(...including).statistics.lost).toBe(0);
  });

  it('forgets a template that is withdrawn', () => {
    const template = set(2, new Message().u16(300, 10, ...TEMPLATE_FIELDS));
    const withdrawal = set(2, new Message().u16(300, 0));
    const { statistics } = decode(ipfix(0, template, withdrawal, set(300, new Message().raw(RECORD))));
    expect(statistics).toMatchObject({ flows: 0, withoutTemplate: 1 });
  });

  it('forgets all templates of flows, or all of options, where all are withdrawn', () => {
    const template = set(2, new Message().u16(300, 10, ...TEMPLATE_FIELDS));
    const options = set(3, new Message().u16(500, 2, 1, 149, 4, 34, 4));
    const data = [set(300, new Message().raw(RECORD)), set(500, new Message().u32(7, 64))];
    const after = (withdrawal: Uint8Array) => decode(ipfix(0, template, options, withdrawal, ...data)).statistics;
    expect(after(set(2, new Message().u16(2, 0)))).toMatchObject({ flows: 0, options: 1, withoutTemplate: 1 });
    expect(after(set(3, new Message().u16(3, 0)))).toMatchObject({ flows: 1, options: 0, withoutTemplate: 1 });
    expect(after(set(3, new Message().u16(500, 0)))).toMatchObject({ flows: 1, options: 0, withoutTemplate: 1 });
  });
});

describe('sampling', () => {
  const sampled = (...fields: number[]) =>
    set(2, new Message().u16(300, 10 + fields.length / 2, ...TEMPLATE_FIELDS, ...fields));
  const data = (...more: number[]) => set(300, new Message().raw(RECORD).u32(...more));
  const rates = (...sets: Uint8Array[]) => decode(ipfix(0, ...sets)).flows.map(({ sampling }) => sampling);

  it('is that of the sampler which a record names, where there are several', () => {
    const options = set(3, new Message().u16(500, 3, 1, 302, 4, 305, 4, 306, 4));
    const told = set(500, new Message().u32(1, 1, 99, 2, 1, 9));
    expect(rates(options, told, sampled(302, 4), data(1), data(2), data(3))).toEqual([100, 10, 10]);
    const older = set(3, new Message().u16(500, 2, 1, 48, 4, 50, 4));
    expect(rates(older, set(500, new Message().u32(1, 64, 2, 32)), sampled(48, 4), data(1), data(2))).toEqual([64, 32]);
  });

  it('is what a record itself says, or so many of each so many', () => {
    expect(rates(sampled(34, 4), data(128))).toEqual([128]);
    expect(rates(sampled(309, 4, 310, 4), data(2, 50))).toEqual([25]);
  });
});

describe('templates without end', () => {
  /** A template of `count` fields of one byte. */
  const template = (id: number, count: number) =>
    set(0, new Message().u16(id, count, ...Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? 90 : 1))));

  it('make room for each other across all exporters, those of the one heard of least recently first', () => {
    const flows: ExportedFlow[] = [];
    const decoder = new NetFlowDecoder((flow) => flows.push(flow));
    decoder.message(v9(1, V9_TEMPLATE), 'early');
    decoder.message(v9(1, V9_TEMPLATE), 'heard');
    for (let k = 0; k < 900; k++) {
      decoder.message(v9(1, template(256 + (k % 30), 512)), `stranger ${Math.floor(k / 30)}`);
      decoder.message(v9(2 + k, V9_DATA), 'heard');
    }
    decoder.message(v9(2, V9_DATA), 'early');
    expect(flows).toHaveLength(1800);
    // 512 templates of 512 fields are kept, less what the one that is heard takes.
    expect(decoder.statistics()).toMatchObject({ forgottenTemplates: 390, forgottenStreams: 0, withoutTemplate: 1 });
  });

  it('of one exporter, and exporters themselves, are bounded too', () => {
    const decoder = new NetFlowDecoder(() => undefined);
    for (let id = 256; id < 256 + 1100; id++) decoder.message(v9(id, template(id, 1)), 'one');
    expect(decoder.statistics()).toMatchObject({ forgottenTemplates: 76, forgottenStreams: 0 });
    for (let k = 0; k < 1100; k++) decoder.message(v9(1, template(256, 1)), `stranger ${k}`);
    expect(decoder.statistics()).toMatchObject({ forgottenTemplates: 76, forgottenStreams: 77 });
  });
});

describe('messages that are wrong', () => {
  it.each([
    ['nothing', new Uint8Array(0), 'a message ends inside a field'],
    ['another version', Uint8Array.of(0, 7, 0, 0), 'version 7 is not known (5, 9 and 10 are)'],
    ['a cut record', v5(1).subarray(0, 60), 'a message ends inside a field'],
    ['too many records', Uint8Array.of(0, 5, 0, 31), 'a version 5 message claims 31 records'],
    ['a set without end', v9(1, new Message().u16(0, 400).build()), 'a set has an impossible length'],
    ['a set without length', v9(1, new Message().u16(0, 0).build()), 'a set has an impossible length'],
    [
      'records without bytes',
      v9(1, set(0, new Message().u16(300, 1, 8, 0))),
      'a template describes records without bytes',
    ],
    [
      'a wrong IPFIX length',
      new Message().u16(10, 99).u32(0, 0, 0).build(),
      'an IPFIX message states a length that it does not have',
    ],
  ])('%s is counted', (_, message, reason) => {
    expect(decode(message).statistics).toMatchObject({ messages: 1, malformed: new Map([[reason, 1]]) });
  });

  it('never throw, whatever is changed in them', () => {
    const template = set(2, new Message().u16(300, 10, ...TEMPLATE_FIELDS));
    const seeds = [
      v5(1),
      v9(1, V9_TEMPLATE, set(1, new Message().u16(310, 4, 4, 1, 4, 34, 4)), set(310, new Message().u32(1, 2)), V9_DATA),
      ipfix(0, template, set(300, new Message().raw(RECORD, RECORD))),
    ];
    let state = 1;
    const below = (limit: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * limit);
    };
    let flows = 0;
    const decoder = new NetFlowDecoder((flow) => {
      flows++;
      if (flow.end < flow.start || flow.packets < 0) throw new Error('an impossible flow');
    });
    for (let i = 0; i < 20_000; i++) {
      let message = seeds[below(seeds.length)].slice();
      for (let changes = below(5); changes > 0; changes--) message[below(message.length)] = below(256);
      if (below(10) === 0) message = message.slice(0, below(message.length));
      decoder.message(message, `router ${below(3)}`);
    }
    const { malformed, messages } = decoder.statistics();
    expect(messages).toBe(20_000);
    expect(flows).toBeGreaterThan(5000);
    expect(malformed.size).toBeGreaterThan(5);
    expect(malformed.size).toBeLessThanOrEqual(51);
  });
});
