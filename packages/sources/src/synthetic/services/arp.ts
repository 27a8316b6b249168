import type { Process } from '../engine/scheduler.ts';
import type { Device } from '../network/host.ts';
import { ARP_REPLY, ARP_REQUEST } from '../wire/frame-writer.ts';
import type { World } from '../world.ts';
import type { ServiceKind } from './service.ts';

/** Who has the router's address? */
export const arp: ServiceKind = {
  name: 'arp',
  description: 'ARP requests for the router and its replies',
  *use(world: World, device: Device): Process {
    const { wire, network } = world;
    const router = network.router.ipv4;
    const { mac, bytes } = device.ipv4;
    wire.arp(ARP_REQUEST, mac, bytes, mac, router.bytes);
    yield device.attachment.delay;
    wire.arp(ARP_REPLY, router.mac, router.bytes, mac, bytes);
  },
};
