import { expect, it } from 'vitest';
import { type CoreFlow, type ExportedFlow, FlowJoiner, type FlowJoinerOptions } from '../../src/index.ts';

const SECOND = 1_000_000_000n;
const REQUEST: ExportedFlow = {
  format: 'netflow',
  exporter: 'router',
  exportedAt: 100n * SECOND,
  start: 10n * SECOND,
  end: 20n * SECOND,
  srcIp: '10.0.0.1',
  dstIp: '10.0.0.2',
  srcPort: 40_000,
  dstPort: 80,
  protocol: 6,
  packets: 5,
  bytes: 500,
  tcpFlags: 0x1b,
  reverse: undefined,
  sampling: 1,
};
const RESPONSE: ExportedFlow = {
  ...REQUEST,
  start: 11n * SECOND,
  end: 21n * SECOND,
  srcIp: '10.0.0.2',
  dstIp: '10.0.0.1',
  srcPort: 80,
  dstPort: 40_000,
  packets: 7,
  bytes: 7000,
  tcpFlags: 0x12,
};

function join(flows: readonly ExportedFlow[], options?: FlowJoinerOptions) {
  const joined: CoreFlow[] = [];
  const joiner = new FlowJoiner((flow) => joined.push(flow), options);
  for (const flow of flows) joiner.add(flow);
  const early = joined.length;
  joiner.flush();
  return { flows: joined, early, joined: joiner.joined, alone: joiner.alone };
}

it.each([
  ['request first', [REQUEST, RESPONSE]],
  ['response first', [RESPONSE, REQUEST]],
])('puts two directions together, %s', (_, directions) => {
  const { flows, early } = join(directions);
  expect(early).toBe(1);
  expect(flows).toEqual([
    {
      sensor: 'netflow',
      sensorId: '',
      start: 10n * SECOND,
      end: 21n * SECOND,
      srcIp: '10.0.0.1',
      dstIp: '10.0.0.2',
      srcPort: 40_000,
      dstPort: 80,
      protocol: 6,
      forwardPackets: 5,
      backwardPackets: 7,
      forwardBytes: 500,
      backwardBytes: 7000,
      forwardTcpFlags: 0x1b,
      backwardTcpFlags: 0x12,
      service: '',
      sampling: 1,
      label: undefined,
    },
  ]);
});

it('gives out a direction alone when its partner does not come in time', () => {
  const later = { ...REQUEST, srcPort: 1, exportedAt: 111n * SECOND };
  const { flows, early, alone } = join([REQUEST, later]);
  expect(early).toBe(1);
  expect(alone).toBe(2);
  expect(flows[0]).toMatchObject({ srcPort: 40_000, forwardPackets: 5, backwardPackets: 0, backwardTcpFlags: 0 });
});

it('does not join an earlier conversation of the same ports', () => {
  const muchLater = { ...RESPONSE, start: 90n * SECOND, end: 95n * SECOND };
  expect(join([REQUEST, muchLater])).toMatchObject({ joined: 0, alone: 2 });
});

it('does not join what two exporters say', () => {
  expect(join([REQUEST, { ...RESPONSE, exporter: 'other' }])).toMatchObject({ joined: 0, alone: 2 });
});

it('lets no exporter whose clock is ahead, or jumps, make the flows of others old', () => {
  const other = { ...REQUEST, exporter: 'other', srcPort: 1 };
  const ahead = [0n, 5n, 10n ** 9n, 5n].map((later) => ({ ...other, exportedAt: (100_000n + later) * SECOND }));
  expect(join([ahead[0], REQUEST, ahead[1], ahead[2], ahead[3], RESPONSE])).toMatchObject({ joined: 1 });
  expect(join([REQUEST, ...ahead, RESPONSE])).toMatchObject({ joined: 1 });
});

it('lets time pass with whichever exporter still speaks', () => {
  const other = { ...REQUEST, exporter: 'other', srcPort: 1 };
  const speaks = [50n, 56n, 62n].map((at) => ({ ...other, exportedAt: at * SECOND }));
  expect(join([REQUEST, ...speaks, RESPONSE])).toMatchObject({ joined: 0 });
});

it('keeps no more than its capacity', () => {
  const flood = Array.from({ length: 100 }, (_, i) => ({ ...REQUEST, srcPort: i }));
  expect(join(flood, { capacity: 10 })).toMatchObject({ early: 90, alone: 100 });
});

it('takes a biflow as it is', () => {
  const biflow = { ...REQUEST, reverse: { packets: 3, bytes: 99, tcpFlags: 0x10 } };
  const { flows, early } = join([biflow]);
  expect(early).toBe(1);
  expect(flows[0]).toMatchObject({ backwardPackets: 3, backwardBytes: 99, backwardTcpFlags: 0x10 });
});

it('takes the sender of the only SYN as the initiator when both began at once', () => {
  const [a, b] = [
    { ...REQUEST, start: 0n, srcPort: 7, tcpFlags: 0x02 },
    { ...RESPONSE, start: 0n, dstPort: 7, srcPort: 80, tcpFlags: 0x14 },
  ];
  expect(join([b, a]).flows[0]).toMatchObject({ srcIp: '10.0.0.1', srcPort: 7 });
});
