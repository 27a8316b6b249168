import { Random } from '../engine/random.ts';
import { type Address, ipv4Address, ipv6Address } from '../wire/address.ts';
import { type Device, type DeviceKind, firstPort, type Host, type Service } from './host.ts';
import { type Attachment, internetAttachment, WIRED, WIRELESS } from './path.ts';

/** Networks that the generator uses. None of them is routed on the Internet. */
export const HOME_NETWORK = '192.168.1.0/24';
export const SERVER_NETWORK = '192.168.10.0/24';
/** Peers: the benchmarking range (RFC 2544); IPv6 from the documentation range (RFC 3849). */
export const PEER_NETWORK = '198.18.0.0/16';
/** Spoofed sources of floods. */
export const SPOOFED_NETWORK = '198.19.0.0/16';
/** Attackers on the Internet: a documentation range (RFC 5737). */
export const ATTACKER_NETWORK = '203.0.113.0/24';

const PEERS = 400;
/** Last parts of addresses: home devices from here, guests from there. */
const FIRST_DEVICE = 20;
const FIRST_GUEST = 225;
/** Guests at a time. */
export const MAX_GUESTS = 25;
/** Shares of device kinds among ten home devices, in this order. */
const DEVICE_ORDER: readonly DeviceKind[] = [
  'laptop',
  'phone',
  'television',
  'sensor',
  'phone',
  'camera',
  'laptop',
  'sensor',
  'desktop',
  'printer',
];
const SYLLABLES = ['lu', 'mo', 'ra', 'ne', 'ti', 'ka', 'so', 've', 'pi', 'da', 'ro', 'lin', 'tas', 'mer', 'quo', 'zen'];
const HOST_LABELS = ['www', 'api', 'cdn', 'img', 'static', 'push', 'edge', 'login', 'telemetry', 'assets'];

/** Everybody who talks: devices and servers of the house, and peers on the Internet, most popular first. */
export interface Network {
  readonly router: Host;
  readonly devices: readonly Device[];
  /** Resolver, NTP and DHCP. */
  readonly resolver: Service;
  readonly webServer: Service;
  readonly sshServer: Service;
  readonly broker: Service;
  readonly storage: Service;
  readonly peers: readonly Service[];
}

/** Builds the network of a seed. */
export function buildNetwork(seed: number, deviceCount: number): Network {
  const random = new Random(seed, 'network');
  const router = makeHost('router', random, 1, 1, WIRED, true);
  const server = (name: string, number: number): Service => ({
    ...makeHost(name, random, 10, number, WIRED, true),
    domain: `${name}.home.arpa`,
  });
  const devices = Array.from({ length: deviceCount }, (_, i): Device => {
    const kind = DEVICE_ORDER[i % DEVICE_ORDER.length];
    const wired = kind === 'desktop' || kind === 'printer' || (kind === 'television' && random.chance(0.5));
    const windows = (kind === 'laptop' || kind === 'desktop') && random.chance(0.5);
    const host = makeHost(
      `${kind}-${i + 1}`,
      random,
      1,
      FIRST_DEVICE + i,
      wired ? WIRED : WIRELESS,
      kind !== 'sensor',
      windows,
    );
    return { ...host, kind };
  });
  const used = new Set<string>();
  return {
    router,
    devices,
    resolver: server('resolver', 53),
    webServer: server('www', 80),
    sshServer: server('git', 22),
    broker: server('broker', 18),
    storage: server('storage', 45),
    peers: Array.from({ length: PEERS }, () => makePeer(random, router.ipv4.mac, used)),
  };
}

/** A host on the Internet that takes no part in normal traffic. */
export function makeOutsider(random: Random, name: string, address: string, routerMac: Uint8Array): Host {
  return {
    name,
    ipv4: ipv4Address(address, routerMac, random.integer(42, 58)),
    ipv6: undefined,
    attachment: internetAttachment(random),
    tcpTimestamps: true,
    clockOffset: random.uint32(),
    window: 502,
    nextPort: firstPort(random),
  };
}

/** A device that is new in the house: somebody's phone. */
export function makeGuest(random: Random, number: number): Device {
  return { ...makeHost(`guest-${number}`, random, 1, FIRST_GUEST + number, WIRELESS, true), kind: 'phone' };
}

function makeHost(
  name: string,
  random: Random,
  subnet: number,
  number: number,
  attachment: Attachment,
  dualStack: boolean,
  windows = false,
): Host {
  // A locally administered MAC address.
  const mac = Uint8Array.from([0x02, random.integer(0, 255), random.integer(0, 255), subnet, 0, number]);
  const ttl = windows ? 128 : 64;
  return {
    name,
    ipv4: ipv4Address(`192.168.${subnet}.${number}`, mac, ttl),
    ipv6: dualStack ? ipv6Address([0x2001, 0xdb8, subnet, 0, 0, 0, 0, number], mac, ttl) : undefined,
    attachment,
    tcpTimestamps: !windows,
    clockOffset: random.uint32(),
    window: windows ? 1026 : 502,
    nextPort: firstPort(random),
  };
}

function makePeer(random: Random, routerMac: Uint8Array, used: Set<string>): Service {
  let text: string;
  do text = `198.18.${random.integer(0, 255)}.${random.integer(1, 254)}`;
  while (used.has(text));
  used.add(text);
  const ttl = random.choice([64, 128, 255]) - random.integer(6, 18);
  const name = random.choice(SYLLABLES) + random.choice(SYLLABLES) + random.choice(SYLLABLES);
  const domain = `${random.choice(HOST_LABELS)}${random.chance(0.3) ? random.integer(1, 9) : ''}.${name}.example`;
  const groups = [
    0x2001,
    0xdb8,
    0xf000 + random.integer(0, 0xfff),
    random.integer(0, 255),
    0,
    0,
    0,
    random.integer(1, 0xffff),
  ];
  return {
    name: domain,
    domain,
    ipv4: ipv4Address(text, routerMac, ttl),
    ipv6: random.chance(0.4) ? ipv6Address(groups, routerMac, ttl) : undefined,
    attachment: internetAttachment(random),
    tcpTimestamps: random.chance(0.8),
    clockOffset: random.uint32(),
    window: random.integer(229, 2048),
    nextPort: firstPort(random),
  };
}

/** The addresses over which two hosts talk: IPv6 where both have it. */
export function addressesBetween(client: Host, server: Host): readonly [Address, Address] {
  return client.ipv6 !== undefined && server.ipv6 !== undefined
    ? [client.ipv6, server.ipv6]
    : [client.ipv4, server.ipv4];
}
