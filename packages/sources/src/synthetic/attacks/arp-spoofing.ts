import type { Process } from '../engine/scheduler.ts';
import { ARP_REPLY } from '../wire/frame-writer.ts';
import { type AttackKind, labelInterval, pickDevice } from './attack.ts';

const SECONDS_BETWEEN_CLAIMS = 2;

/**
 * A device of the house claims the router's address towards a victim and the victim's towards the router, and passes
 * on what it gets. The claims are ARP and belong to no IP flow; the victim's own traffic is collateral.
 */
export const arpSpoofing: AttackKind = {
  name: 'arp-spoofing',
  description: `a laptop claims the router's address towards a phone every ${SECONDS_BETWEEN_CLAIMS} s and relays its traffic, which is collateral`,
  usualDuration: 600,
  *run(world, plan, book): Process {
    const { random, network, wire } = world;
    const attacker = pickDevice(world, 'laptop', 'desktop');
    const victim = random.choice(network.devices.filter((device) => device !== attacker && device.kind === 'phone'));
    if (victim === undefined) return;
    const { from, to } = labelInterval(world, plan);
    book.add('collateral', plan.kind, { srcIp: victim.ipv4.text }, from, to);
    const router = network.router.ipv4;
    const own = { mac: victim.ipv4.mac, ttl: victim.ipv4.ttl };
    // From now on the victim's packets reach the sensor through the attacker, one hop later.
    victim.ipv4.mac = attacker.ipv4.mac;
    victim.ipv4.ttl = own.ttl - 1;
    const end = world.now + plan.duration;
    while (world.now < end) {
      wire.arp(ARP_REPLY, attacker.ipv4.mac, router.bytes, own.mac, victim.ipv4.bytes);
      wire.arp(ARP_REPLY, attacker.ipv4.mac, victim.ipv4.bytes, router.mac, router.bytes);
      yield (SECONDS_BETWEEN_CLAIMS / plan.intensity) * random.between(0.95, 1.05);
    }
    victim.ipv4.mac = own.mac;
    victim.ipv4.ttl = own.ttl;
    // Good attackers tell the truth at the end, so that nobody's connection breaks.
    wire.arp(ARP_REPLY, router.mac, router.bytes, own.mac, victim.ipv4.bytes);
    wire.arp(ARP_REPLY, own.mac, victim.ipv4.bytes, router.mac, router.bytes);
  },
};
