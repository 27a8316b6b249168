import { SeededRandom } from '@edgeguard/transform';

/** What the flows of a class look like. */
interface FlowClass {
  readonly name: string;
  /** Share of the table's rows. */
  readonly share: number;
  readonly proto: 'tcp' | 'udp' | 'icmp';
  readonly services: readonly string[];
  readonly ports: readonly number[];
  /** Decades of the duration in seconds. */
  readonly duration: readonly [from: number, to: number];
  readonly packets: readonly [most: number, answered: number];
  /** Mean bytes of a payload; 0 for packets without one. */
  readonly payload: number;
  readonly windows: readonly number[];
  /** Different flows among the rows; absent where no row repeats another. */
  readonly templates?: number;
}

/** Sorted by name, as labs publish them: a tenth of the rows is normal, of three kinds. */
const CLASSES: readonly FlowClass[] = [
  {
    name: 'ARP_poisoning',
    share: 0.063,
    proto: 'tcp',
    services: ['-', 'dns', 'http', 'ssl'],
    ports: [53, 80, 443],
    duration: [-3, 2],
    packets: [60, 0.9],
    payload: 300,
    windows: [0, 64240, 29200],
  },
  {
    name: 'DDOS_Slowloris',
    share: 0.004,
    proto: 'tcp',
    services: ['http', '-'],
    ports: [80],
    duration: [1.5, 2.3],
    packets: [20, 0.6],
    payload: 20,
    windows: [64240],
  },
  {
    name: 'DOS_SYN_Hping',
    share: 0.77,
    proto: 'tcp',
    services: ['-'],
    ports: [21],
    duration: [-6, -5.7],
    packets: [1, 1],
    payload: 120,
    windows: [64, 512],
    templates: 40,
  },
  {
    name: 'MQTT_Publish',
    share: 0.034,
    proto: 'tcp',
    services: ['mqtt', '-'],
    ports: [1883],
    duration: [1.4, 1.6],
    packets: [11, 0.95],
    payload: 30,
    windows: [502, 64240],
  },
  {
    name: 'Metasploit_SSH',
    share: 0.0003,
    proto: 'tcp',
    services: ['ssh'],
    ports: [22],
    duration: [0, 1],
    packets: [60, 0.9],
    payload: 150,
    windows: [64240],
  },
  {
    name: 'NMAP_FIN_SCAN',
    share: 0.0003,
    proto: 'tcp',
    services: ['-'],
    ports: [1, 22, 80, 443],
    duration: [-6, -4],
    packets: [1, 0.2],
    payload: 0,
    windows: [1024],
  },
  {
    name: 'NMAP_UDP_SCAN',
    share: 0.021,
    proto: 'udp',
    services: ['-', 'dns', 'dhcp'],
    ports: [53, 67, 161],
    duration: [-6, -1],
    packets: [2, 0.1],
    payload: 20,
    windows: [0],
    templates: 300,
  },
  {
    name: 'NMAP_XMAS_TREE_SCAN',
    share: 0.0165,
    proto: 'tcp',
    services: ['-'],
    ports: [1, 22, 80, 443],
    duration: [-6, -5],
    packets: [1, 1],
    payload: 0,
    windows: [1024],
    templates: 60,
  },
  {
    name: 'Thing_Speak',
    share: 0.066,
    proto: 'tcp',
    services: ['http', 'dns', '-'],
    ports: [80, 53],
    duration: [-1, 1.3],
    packets: [14, 0.9],
    payload: 90,
    windows: [64240, 26883],
  },
  {
    name: 'Wipro_bulb',
    share: 0.0249,
    proto: 'udp',
    services: ['dns', '-', 'dhcp'],
    ports: [53, 6668],
    duration: [-6, 0.5],
    packets: [4, 0.6],
    payload: 60,
    windows: [0, 5840],
  },
];

const STATISTICS = ['min', 'max', 'tot', 'avg', 'std'];
const of = (family: string, names: readonly string[]): string[] => names.map((name) => `${family}.${name}`);

/** 84 columns: an index without a name, ports, statistics of flows, the class. Gaps and pauses are in microseconds. */
export const WIDE_COLUMNS: readonly string[] = [
  '',
  'id.orig_p',
  'id.resp_p',
  'proto',
  'service',
  'flow_duration',
  'fwd_pkts_tot',
  'bwd_pkts_tot',
  'fwd_data_pkts_tot',
  'bwd_data_pkts_tot',
  'fwd_pkts_per_sec',
  'bwd_pkts_per_sec',
  'flow_pkts_per_sec',
  'down_up_ratio',
  ...of('fwd_header', ['tot', 'min', 'max']),
  ...of('bwd_header', ['tot', 'min', 'max']),
  ...of('flags', ['FIN', 'SYN', 'RST', 'fwd_PSH', 'bwd_PSH', 'ACK', 'fwd_URG', 'bwd_URG', 'CWR', 'ECE']),
  ...['fwd', 'bwd', 'flow'].flatMap((side) => of(`${side}_payload`, STATISTICS)),
  ...['fwd', 'bwd', 'flow'].flatMap((side) => of(`${side}_iat`, STATISTICS)),
  'payload_bytes_per_second',
  'fwd_subflow_pkts',
  'bwd_subflow_pkts',
  'fwd_subflow_bytes',
  'bwd_subflow_bytes',
  ...of('fwd_bulk', ['bytes', 'packets', 'rate']),
  ...of('bwd_bulk', ['bytes', 'packets', 'rate']),
  ...of('active', STATISTICS),
  ...of('idle', STATISTICS),
  'fwd_init_window_size',
  'bwd_init_window_size',
  'Attack_type',
];

/** Lines of a made-up table of IoT flows with the awkward sides of published ones; about `rows` of them and a header. */
export function* wideIotTable(rows: number, seed: number): Generator<string> {
  const random = new SeededRandom(seed);
  yield WIDE_COLUMNS.join(',');
  let index = 0;
  for (const kind of CLASSES) {
    const templates = Array.from({ length: kind.templates ?? 0 }, () => flow(kind, random));
    const count = Math.round(kind.share * rows);
    for (let row = 0; row < count; row++) {
      const cells = templates.length > 0 ? templates[random.below(templates.length)]! : flow(kind, random);
      const port = kind.ports[random.below(kind.ports.length)]!;
      yield [index++, 1024 + random.below(64_000), port, ...cells, kind.name].join(',');
    }
  }
}

/** The cells from `proto` on, without the class. */
function flow(kind: FlowClass, random: SeededRandom): (string | number)[] {
  const [from, to] = kind.duration;
  const fwd = 1 + random.below(kind.packets[0]);
  const bwd = Math.round(fwd * kind.packets[1] * random.uniform() * 2);
  const duration = fwd + bwd > 1 ? rounded(10 ** (from + (to - from) * random.uniform())) : 0;
  const header = kind.proto === 'udp' ? 8 : 20 + 4 * random.below(4);
  const fwdData = kind.payload > 0 ? 1 + random.below(fwd) : 0;
  const bwdData = kind.payload > 0 && bwd > 0 ? random.below(bwd + 1) : 0;
  const fwdPayload = statistics(fwdData, kind.payload, random);
  const bwdPayload = statistics(bwdData, 2 * kind.payload, random);
  const payload = statistics(fwdData + bwdData, kind.payload, random);
  const gaps = (packets: number): number[] =>
    statistics(packets - 1, (1e6 * duration) / Math.max(1, packets - 1), random);
  const isTcp = kind.proto === 'tcp';
  const perSecond = (value: number): number | string => (duration > 0 ? rounded(value / duration) : 0);
  return [
    kind.proto,
    kind.services[random.below(kind.services.length)]!,
    duration,
    fwd,
    bwd,
    fwdData,
    bwdData,
    perSecond(fwd),
    perSecond(bwd),
    perSecond(fwd + bwd),
    rounded(bwd / fwd),
    header * fwd,
    header,
    header + 4 * random.below(3),
    header * bwd,
    bwd > 0 ? header : 0,
    bwd > 0 ? header : 0,
    isTcp ? random.below(3) : 0,
    isTcp ? 1 + random.below(2) : 0,
    isTcp ? random.below(2) : 0,
    isTcp ? fwdData : 0,
    isTcp ? bwdData : 0,
    isTcp ? fwd + bwd - 1 : 0,
    0,
    0,
    0,
    0,
    ...fwdPayload,
    ...bwdPayload,
    ...payload,
    ...gaps(fwd),
    ...gaps(bwd),
    ...gaps(fwd + bwd),
    perSecond(payload[2]!),
    fwd,
    bwd,
    fwdPayload[2]!,
    bwdPayload[2]!,
    fwdData > 5 ? fwdPayload[2]! : 0,
    fwdData > 5 ? fwdData : 0,
    fwdData > 5 ? perSecond(fwdPayload[2]!) : 0,
    bwdData > 5 ? bwdPayload[2]! : 0,
    bwdData > 5 ? bwdData : 0,
    bwdData > 5 ? perSecond(bwdPayload[2]!) : 0,
    ...statistics(1, 1e6 * duration, random),
    ...statistics(duration > 5 ? 2 : 0, 2e5 * duration, random),
    isTcp ? kind.windows[random.below(kind.windows.length)]! : 0,
    isTcp && bwd > 0 ? 64240 : 0,
  ];
}

/** Least, largest, sum, mean and deviation of some values around a mean. */
function statistics(count: number, mean: number, random: SeededRandom): number[] {
  if (count <= 0) return [0, 0, 0, 0, 0];
  const spread = count === 1 ? 0 : mean * random.uniform();
  const average = rounded(mean * (0.7 + 0.6 * random.uniform()));
  return [
    rounded(Math.max(0, average - spread)),
    rounded(average + spread),
    rounded(count * average),
    average,
    rounded(spread / 2),
  ];
}

/** As tables have it: six decimals. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
