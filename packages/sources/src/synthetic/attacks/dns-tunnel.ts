import type { Process } from '../engine/scheduler.ts';
import { takePort } from '../network/host.ts';
import { DNS_PORT, DNS_TYPE_TXT, dnsAnswer, dnsQuery } from '../protocols/dns-message.ts';
import { PROTOCOL_UDP } from '../wire/frame-writer.ts';
import type { Random } from '../engine/random.ts';
import { type AttackKind, labelInterval, outsideAttacker, pickDevice } from './attack.ts';

const QUERIES_PER_SECOND = 4;
const DOMAIN = 't.drop.example';
const BASE_32 = 'abcdefghijklmnopqrstuvwxyz234567';
const LONGEST_LABEL = 60;

/** Data in the names of queries and in TXT records, through the house's own resolver. */
export const dnsTunnel: AttackKind = {
  name: 'dns-tunnel',
  description: `data inside DNS: a laptop sends ${QUERIES_PER_SECOND} TXT queries per second with long random names through the resolver`,
  usualDuration: 300,
  *run(world, plan, book): Process {
    const { random, network, wire } = world;
    const { resolver } = network;
    const device = pickDevice(world, 'laptop', 'desktop');
    const server = outsideAttacker(world, 'tunnel end', 110, 129);
    const port = takePort(device);
    const { from, to } = labelInterval(world, plan);
    // The tunnel's client has one socket, the device's ordinary queries have others.
    const inside = {
      srcIp: device.ipv4.text,
      dstIp: resolver.ipv4.text,
      srcPort: port,
      dstPort: DNS_PORT,
      protocol: PROTOCOL_UDP,
    };
    book.add('attack', plan.kind, inside, from, to);
    book.add(
      'attack',
      plan.kind,
      { srcIp: resolver.ipv4.text, dstIp: server.ipv4.text, protocol: PROTOCOL_UDP },
      from,
      to,
    );
    const end = world.now + plan.duration;
    while (world.now < end) {
      const id = random.integer(0, 0xffff);
      const name = tunnelName(random);
      wire.udp(device.ipv4, resolver.ipv4, port, DNS_PORT, dnsQuery(id, name, DNS_TYPE_TXT));
      yield random.between(0.0001, 0.0006);
      const upstreamPort = takePort(resolver);
      const upstreamId = random.integer(0, 0xffff);
      wire.udp(resolver.ipv4, server.ipv4, upstreamPort, DNS_PORT, dnsQuery(upstreamId, name, DNS_TYPE_TXT));
      yield server.attachment.delay * random.between(1, 1.2);
      const records = [textRecord(random)];
      wire.udp(
        server.ipv4,
        resolver.ipv4,
        DNS_PORT,
        upstreamPort,
        dnsAnswer(upstreamId, name, DNS_TYPE_TXT, records, 0),
      );
      yield random.between(0.0001, 0.0006);
      wire.udp(resolver.ipv4, device.ipv4, DNS_PORT, port, dnsAnswer(id, name, DNS_TYPE_TXT, records, 0));
      yield random.exponential(1 / (QUERIES_PER_SECOND * plan.intensity));
    }
  },
};

function tunnelName(random: Random): string {
  const labels = Array.from({ length: random.integer(1, 3) }, () => base32(random.integer(30, LONGEST_LABEL), random));
  return `${labels.join('.')}.${DOMAIN}`;
}

function textRecord(random: Random): Uint8Array {
  const text = base32(random.integer(20, 220), random);
  return Uint8Array.from([text.length, ...Buffer.from(text, 'latin1')]);
}

function base32(length: number, random: Random): string {
  let text = '';
  for (let i = 0; i < length; i++) text += BASE_32[random.uint32() >>> 27];
  return text;
}
