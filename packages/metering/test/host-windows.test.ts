import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACK, RST, SYN, reply } from './support/packets.ts';
import { Bench, type RecordCopy } from './support/records.ts';

interface Exchange {
  readonly gap: number;
  readonly source: number;
  readonly destination: number;
  readonly port: number;
  readonly size: number;
  readonly answered: boolean;
}

/** Exchanges between few hosts, with gaps that cross the borders of all windows. */
const traffic = fc.array(
  fc.record<Exchange>({
    gap: fc.oneof(fc.double({ min: 0.001, max: 3, noNaN: true }), fc.double({ min: 20, max: 900, noNaN: true })),
    source: fc.integer({ min: 1, max: 4 }),
    destination: fc.integer({ min: 1, max: 5 }),
    port: fc.integer({ min: 50, max: 54 }),
    size: fc.integer({ min: 0, max: 900 }),
    answered: fc.boolean(),
  }),
  { minLength: 1, maxLength: 80 },
);

function play(bench: Bench, exchanges: readonly Exchange[]): void {
  let time = 1000;
  exchanges.forEach(({ gap, source, destination, port, size, answered }, k) => {
    time += gap;
    const call = { from: `10.0.0.${source}`, to: `10.0.1.${destination}`, fromPort: 1024 + k, toPort: port };
    bench.wire.udp(time, call, size);
    if (answered) bench.wire.udp(time + 0.0005, reply(call), 2 * size);
  });
}

/** Whole nanoseconds, so that borders of windows are exact. */
const SECOND = 1e9;

function instantOf({ fields }: RecordCopy): number {
  return fields.timeSeconds * SECOND + fields.timeNanoseconds;
}

/** What is known of a flow afterwards. Times are instants. */
interface Flow {
  readonly id: number;
  readonly start: number;
  readonly source: string;
  readonly destination: string;
  readonly port: number;
  readonly answered: number;
}

function flowsIn(records: readonly RecordCopy[]): Flow[] {
  return records
    .filter((record) => record.fields.isFinal)
    .map(({ fields, source, destination }) => {
      const start = fields.startSeconds * SECOND + fields.startNanoseconds;
      return {
        id: fields.flowId,
        start,
        source,
        destination,
        port: fields.destinationPort,
        answered: fields.responseTime > 0 ? start + Math.round(fields.responseTime * SECOND) : Infinity,
      };
    });
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.fround(part / whole);
}

/** The window features of a record, computed from all flows by looking at each one. */
function expectedOf(record: RecordCopy, flows: readonly Flow[], byteEvents: readonly ByteEvent[]): object {
  const { source, destination } = record;
  const time = instantOf(record);
  const started = (seconds: number): Flow[] => flows.filter((f) => f.start > time - seconds * SECOND && f.start < time);
  const from = (seconds: number): Flow[] => started(seconds).filter((f) => f.source === source);
  const to = (seconds: number): Flow[] => started(seconds).filter((f) => f.destination === destination);
  const pair = (seconds: number): Flow[] => from(seconds).filter((f) => f.destination === destination);
  const distinct = (list: readonly Flow[], key: 'source' | 'destination' | 'port'): number =>
    new Set(list.map((f) => f[key])).size;
  const unanswered = (list: readonly Flow[]): number =>
    share(list.filter((f) => f.answered >= time).length, list.length);
  const bytes = (seconds: number, of: 'sent' | 'total', matches: (e: ByteEvent) => boolean): number =>
    Math.fround(
      byteEvents
        .filter((e) => e.order <= orderOf(record) && e.time > time - seconds * SECOND && matches(e))
        .reduce((sum, e) => sum + e[of], 0),
    );
  return {
    source_flows_10s: from(10).length,
    source_flows_10min: from(600).length,
    source_destinations_60s: distinct(from(60), 'destination'),
    source_destinations_1h: distinct(from(3600), 'destination'),
    source_ports_60s: distinct(from(60), 'port'),
    source_ports_1h: distinct(from(3600), 'port'),
    source_unanswered_share_60s: unanswered(from(60)),
    source_unanswered_share_1h: unanswered(from(3600)),
    source_bytes_10min: bytes(600, 'sent', (e) => e.source === source),
    destination_flows_10s: to(10).length,
    destination_flows_10min: to(600).length,
    destination_sources_60s: distinct(to(60), 'source'),
    destination_unanswered_share_60s: unanswered(to(60)),
    pair_flows_60s: pair(60).length,
    pair_flows_1h: pair(3600).length,
    pair_bytes_1h: bytes(3600, 'total', (e) => e.source === source && e.destination === destination),
    sensor_flows_10s: started(10).length,
    sensor_unanswered_share_60s: unanswered(started(60)),
  };
}

interface ByteEvent {
  readonly order: number;
  readonly time: number;
  readonly source: string;
  readonly destination: string;
  readonly sent: number;
  readonly total: number;
}

const ORDER = new WeakMap<RecordCopy, number>();

function orderOf(record: RecordCopy): number {
  return ORDER.get(record) ?? -1;
}

function byteEventsOf(records: readonly RecordCopy[]): ByteEvent[] {
  const before = new Map<number, readonly [number, number]>();
  return records.map((record, order) => {
    ORDER.set(record, order);
    const { flowId, forwardBytes, backwardBytes } = record.fields;
    const [sent, total] = before.get(flowId) ?? [0, 0];
    before.set(flowId, [forwardBytes, forwardBytes + backwardBytes]);
    const event = { sent: forwardBytes - sent, total: forwardBytes + backwardBytes - total };
    return { order, time: instantOf(record), source: record.source, destination: record.destination, ...event };
  });
}

describe('host windows', () => {
  it('hold what a look at every flow gives, at every instant of emission', () => {
    fc.assert(
      fc.property(traffic, (exchanges) => {
        const bench = new Bench();
        play(bench, exchanges);
        // Late enough for all flows to end by timeout: no record shares its instant with a packet.
        bench.meter.advanceTo(1_000_000, 0);
        const { records } = bench;
        const flows = flowsIn(records);
        const byteEvents = byteEventsOf(records);
        for (const record of records) expect(record.features).toMatchObject(expectedOf(record, flows, byteEvents));
      }),
      { numRuns: 60, seed: 20_260_101 },
    );
  });

  it('and all records do not depend on the hash seed, even where tables overflow', () => {
    fc.assert(
      fc.property(traffic, fc.integer(), fc.integer(), (exchanges, seedA, seedB) => {
        const [a, b] = [seedA, seedB].map((hashSeed) => {
          const bench = new Bench({ maxFlows: 3, maxHosts: 3, hashSeed });
          play(bench, exchanges);
          return bench.finish().map((record) => [record.time, record.end, record.source, record.features]);
        });
        expect(a).toEqual(b);
      }),
      { numRuns: 60, seed: 20_260_102 },
    );
  });

  it('are finite and within their ranges where tables overflow', () => {
    fc.assert(
      fc.property(traffic, (exchanges) => {
        const bench = new Bench({ maxFlows: 3, maxHosts: 3 });
        play(bench, exchanges);
        for (const record of bench.finish()) {
          for (const [name, value] of Object.entries(record.features)) {
            const isShare = name.includes('_share') || name === 'pair_regularity';
            const fine =
              Number.isFinite(value) && (name.includes('asymmetry') || value >= 0) && !(isShare && value > 1);
            expect(fine ? name : `${name} ${value}`).toBe(name);
          }
        }
      }),
      { numRuns: 60, seed: 20_260_103 },
    );
  });

  it('count a distinct destination up to the cap, then saturate', () => {
    const bench = new Bench({ maxFlows: 8192, maxHosts: 65_536, earlyRecords: false });
    for (let k = 0; k < 5000; k++) {
      bench.wire.udp(1 + k / 1000, { from: '10.0.0.1', to: `10.1.${k >> 8}.${k & 255}` });
    }
    const last = bench.flows().at(-1);
    expect(last?.features.source_destinations_60s).toBe(4096);
    expect(last?.features.source_flows_10s).toBe(5000);
    expect(bench.meter.statistics().saturatedContacts).toBe(5000 - 4096);
  });

  it('show handshakes that were begun and not completed', () => {
    const bench = new Bench();
    for (let k = 1; k <= 10; k++) {
      const call = { from: `198.51.100.${k}`, to: '10.0.0.1', fromPort: 2000 + k };
      bench.wire.tcp(k / 10, call, { flags: SYN });
      if (k <= 6) bench.wire.tcp(k / 10 + 0.01, reply(call), { flags: SYN | ACK });
      if (k <= 3) bench.wire.tcp(k / 10 + 0.02, call, { flags: ACK });
      if (k === 4) bench.wire.tcp(k / 10 + 0.02, call, { flags: RST });
    }
    const last = bench.flows().at(-1);
    expect(last?.features.destination_half_open_share_60s).toBeCloseTo(0.6, 6);
    expect(last?.features.destination_unanswered_share_60s).toBeCloseTo(0.4, 6);
    expect(last?.features.destination_sources_60s).toBe(10);
  });

  it('tell a beacon from a person', () => {
    const regular = new Bench();
    const irregular = new Bench();
    const person = [4, 200, 9, 35, 600, 3, 80];
    let time = 0;
    for (let k = 0; k < 20; k++) {
      const call = { from: '10.0.0.1', to: '203.0.113.5', fromPort: 3000 + k };
      regular.wire.udp(60 * k + 0.01 * (k % 3), call);
      irregular.wire.udp((time += person[k % person.length]), call);
    }
    expect(regular.flows().at(-1)?.features.pair_regularity).toBeGreaterThan(0.99);
    expect(irregular.flows().at(-1)?.features.pair_regularity).toBeLessThan(0.6);
  });
});
