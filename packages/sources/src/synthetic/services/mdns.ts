import type { Process } from '../engine/scheduler.ts';
import type { Device } from '../network/host.ts';
import { mdnsQuery } from '../protocols/dns-message.ts';
import { ipv4Address } from '../wire/address.ts';
import type { World } from '../world.ts';
import type { ServiceKind } from './service.ts';

const MDNS_PORT = 5353;
/** The group's address and the MAC address that follows from it (RFC 6762, RFC 1112). */
const GROUP = ipv4Address('224.0.0.251', Uint8Array.from([0x01, 0x00, 0x5e, 0, 0, 0xfb]), 255);
const WANTED = [
  '_ipp._tcp.local',
  '_googlecast._tcp.local',
  '_airplay._tcp.local',
  '_hap._tcp.local',
  '_smb._tcp.local',
];

/** Who is there? Asked of everybody, up to three times. */
export const mdns: ServiceKind = {
  name: 'mdns',
  description: 'multicast questions for printers, televisions and the like',
  *use(world: World, device: Device): Process {
    const { random, wire } = world;
    // Multicast stays in the network and keeps its TTL of 255.
    const source = { ...device.ipv4, ttl: 255 };
    const names = [random.choice(WANTED), random.choice(WANTED)];
    let interval = 1;
    for (let times = random.integer(1, 3); times > 0; times--) {
      wire.udp(source, GROUP, MDNS_PORT, MDNS_PORT, mdnsQuery(names));
      yield interval * random.between(1, 1.1);
      interval *= 3;
    }
  },
};
