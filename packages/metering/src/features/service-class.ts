import { PROTOCOL_SCTP, PROTOCOL_TCP, PROTOCOL_UDP } from '../wire/ip-protocol.ts';

/** Ports by what they are for (IANA service names and common practice). Anything else falls into a port range. */
const SERVICES = {
  web: [80, 8000, 8008, 8080, 8081, 8088, 8888],
  'web-tls': [443, 8443],
  dns: [53, 853],
  mail: [25, 110, 143, 465, 587, 993, 995],
  ssh: [22, 2222],
  telnet: [23, 2323],
  ftp: [20, 21, 69, 989, 990],
  'file-sharing': [111, 139, 445, 548, 873, 2049],
  'remote-desktop': [3389, 5800, 5900, 5901, 5938, 7070],
  directory: [88, 135, 389, 464, 636, 3268, 3269],
  database: [1433, 1434, 1521, 3306, 5432, 6379, 9042, 9200, 11211, 27017, 50000],
  messaging: [1883, 5222, 5223, 5228, 5671, 5672, 6667, 6697, 8883, 9092],
  constrained: [5683, 5684],
  industrial: [102, 502, 2404, 4840, 20000, 44818, 47808],
  time: [37, 123],
  management: [161, 162, 514, 623, 2055, 4739, 5985, 5986, 6343, 9995, 10050, 10051],
  'address-assignment': [67, 68, 546, 547],
  discovery: [137, 138, 1900, 3702, 5353, 5355],
  telephony: [1719, 1720, 3478, 3479, 5060, 5061],
  vpn: [500, 1194, 1701, 1723, 4500, 51820],
  proxy: [1080, 3128, 9050],
} as const satisfies Record<string, readonly number[]>;

/** Code 1 is the first name. */
export const SERVICE_CLASSES = [
  ...(Object.keys(SERVICES) as (keyof typeof SERVICES)[]),
  'other-system-port',
  'other-registered-port',
  'dynamic-port',
  'no-port',
] as const;

type ServiceClass = (typeof SERVICE_CLASSES)[number];

/** Port ranges of RFC 6335. */
const FIRST_REGISTERED = 1024;
const FIRST_DYNAMIC = 49_152;
const PORTS = 65_536;

const CODE_OF_PORT = new Uint8Array(PORTS);
CODE_OF_PORT.fill(codeOf('other-system-port'), 0, FIRST_REGISTERED);
CODE_OF_PORT.fill(codeOf('other-registered-port'), FIRST_REGISTERED, FIRST_DYNAMIC);
CODE_OF_PORT.fill(codeOf('dynamic-port'), FIRST_DYNAMIC);
for (const [name, ports] of Object.entries(SERVICES)) {
  for (const port of ports) CODE_OF_PORT[port] = codeOf(name as ServiceClass);
}
const NO_PORT = codeOf('no-port');

function codeOf(name: ServiceClass): number {
  return SERVICE_CLASSES.indexOf(name) + 1;
}

/** Code of what a flow's destination port is for. */
export function serviceClass(protocol: number, destinationPort: number): number {
  const hasPorts = protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP || protocol === PROTOCOL_SCTP;
  return hasPorts ? CODE_OF_PORT[destinationPort] : NO_PORT;
}
