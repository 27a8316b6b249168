import {
  type CoreFlowRecord,
  coreFlowOfSensor,
  FlowCoreMeter,
  type FlowCoreOptions,
  flowCoreSchema,
  type SensorFlow,
} from '../../src/index.ts';

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const ACK = 0x10;
export const START = 1_700_000_000n * 1_000_000_000n;

/** A complete connection of 10 ms at the given second. */
export function sensorFlow(second: number, change: Partial<SensorFlow> = {}): SensorFlow {
  const start = START + BigInt(Math.round(second * 1e9));
  return {
    sensor: 'zeek',
    sensorId: `flow at ${second}`,
    start,
    end: start + 10_000_000n,
    srcIp: '10.0.0.1',
    dstIp: '192.0.2.7',
    srcPort: 40_000,
    dstPort: 443,
    protocol: 6,
    forwardPackets: 5,
    backwardPackets: 4,
    forwardBytes: 500,
    backwardBytes: 4000,
    forwardTcpFlags: SYN | ACK | FIN,
    backwardTcpFlags: SYN | ACK | FIN,
    service: 'ssl',
    sampling: 1,
    label: undefined,
    ...change,
  };
}

const COLUMNS = flowCoreSchema().columns.filter(({ role }) => role === 'feature');

/** A row as the meter gave it. */
export interface Row {
  readonly flow: CoreFlowRecord;
  readonly time: number;
  readonly features: Readonly<Record<string, number>>;
  readonly coldStart: boolean;
}

/** A meter and the rows that it has given. */
export function newMeter(options: Partial<FlowCoreOptions> = {}): { meter: FlowCoreMeter; rows: Row[] } {
  const rows: Row[] = [];
  const meter = new FlowCoreMeter(
    { homeNetworks: ['10.0.0.0/8'], maxHosts: 128, ...options },
    {
      coreRecord({ flow, timeSeconds, timeNanoseconds, features, coldStart }) {
        const named = Object.fromEntries(COLUMNS.map(({ name }, k) => [name, features[k]!]));
        const time = timeSeconds - Number(START / 1_000_000_000n) + timeNanoseconds / 1e9;
        rows.push({ flow, time, features: named, coldStart });
      },
    },
  );
  return { meter, rows };
}

/** The rows of flows in the order given. */
export function meterFlows(flows: readonly SensorFlow[], options: Partial<FlowCoreOptions> = {}): Row[] {
  const { meter, rows } = newMeter(options);
  for (const flow of flows) meter.add(coreFlowOfSensor(flow));
  meter.finish();
  return rows;
}
