import type { Process, Step } from '../engine/scheduler.ts';
import type { Device } from '../network/host.ts';
import {
  DHCP_ACK,
  DHCP_CLIENT_PORT,
  DHCP_DISCOVER,
  DHCP_OFFER,
  DHCP_REQUEST,
  DHCP_SERVER_PORT,
  dhcpReply,
  dhcpRequest,
  type Lease,
} from '../protocols/dhcp-message.ts';
import { ipv4Address } from '../wire/address.ts';
import { ARP_REQUEST } from '../wire/frame-writer.ts';
import type { World } from '../world.ts';
import type { ServiceKind } from './service.ts';

const BROADCAST = ipv4Address('255.255.255.255', new Uint8Array(6).fill(0xff), 64);

function leaseOf(world: World, device: Device): Lease {
  const { network, random } = world;
  return {
    transaction: random.uint32(),
    mac: device.ipv4.mac,
    address: device.ipv4.bytes,
    server: network.router.ipv4.bytes,
    hostName: device.name,
  };
}

/** A device that comes into the network: four DHCP messages, then it makes sure that nobody else has its address. */
export function* joinNetwork(world: World, device: Device): Step<void> {
  const { network, random, wire } = world;
  const { router } = network;
  const lease = leaseOf(world, device);
  const nobody = ipv4Address('0.0.0.0', device.ipv4.mac, 64);
  const ask = (type: number) =>
    wire.udp(nobody, BROADCAST, DHCP_CLIENT_PORT, DHCP_SERVER_PORT, dhcpRequest(type, lease, false));
  const answer = (type: number) =>
    wire.udp(router.ipv4, device.ipv4, DHCP_SERVER_PORT, DHCP_CLIENT_PORT, dhcpReply(type, lease, router.ipv4.bytes));
  ask(DHCP_DISCOVER);
  yield random.between(0.02, 0.6);
  answer(DHCP_OFFER);
  yield random.between(0.002, 0.05);
  ask(DHCP_REQUEST);
  yield random.between(0.005, 0.05);
  answer(DHCP_ACK);
  for (let probes = 3; probes > 0; probes--) {
    yield random.between(0.2, 1);
    wire.arp(ARP_REQUEST, device.ipv4.mac, nobody.bytes, device.ipv4.mac, device.ipv4.bytes);
  }
}

/** The renewal of a lease half way through. */
export const dhcp: ServiceKind = {
  name: 'dhcp',
  description: 'leases that are renewed, and asked for by devices that come into the network',
  *use(world: World, device: Device): Process {
    const { wire, network, random } = world;
    const { router } = network;
    const lease = leaseOf(world, device);
    wire.udp(device.ipv4, router.ipv4, DHCP_CLIENT_PORT, DHCP_SERVER_PORT, dhcpRequest(DHCP_REQUEST, lease, true));
    yield random.between(0.001, 0.02);
    const reply = dhcpReply(DHCP_ACK, lease, router.ipv4.bytes);
    wire.udp(router.ipv4, device.ipv4, DHCP_SERVER_PORT, DHCP_CLIENT_PORT, reply);
  },
};
