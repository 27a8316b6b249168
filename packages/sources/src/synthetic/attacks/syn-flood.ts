import type { Process } from '../engine/scheduler.ts';
import type { Host } from '../network/host.ts';
import { HTTP_PORT } from '../protocols/http-messages.ts';
import { type Address, ipv4Address } from '../wire/address.ts';
import { EMPTY } from '../wire/content.ts';
import { PROTOCOL_TCP, TCP_ACK, TCP_RST, TCP_SYN } from '../wire/frame-writer.ts';
import type { World } from '../world.ts';
import { type AttackKind, labelInterval } from './attack.ts';
import { rawSegment } from './syn-probe.ts';

const SYNS_PER_SECOND = 60;
/** The server goes on to answer for so long after the last SYN. */
const AFTERWARDS = 20;
const ANSWERED = 0.6;
const ANSWERED_AGAIN = 0.5;
/** Some of the addresses belong to hosts, which reject what they did not ask for. */
const REJECTED = 0.05;

/** SYNs from random addresses to the web server's port. */
export const synFlood: AttackKind = {
  name: 'syn-flood',
  description: `${SYNS_PER_SECOND} SYNs per second from spoofed random addresses to the web server; it answers some, twice`,
  usualDuration: 60,
  *run(world, plan, book): Process {
    const { random, network } = world;
    const { webServer, router } = network;
    const { from, to } = labelInterval(world, plan, AFTERWARDS);
    const victim = { dstIp: webServer.ipv4.text, dstPort: HTTP_PORT, protocol: PROTOCOL_TCP };
    // The sources are random, so one rule without a source is for all of them; those who visit the server normally
    // are excepted by name.
    for (const { ipv4 } of [...network.devices, ...network.peers]) {
      book.add('normal', '', { ...victim, srcIp: ipv4.text }, from, to);
    }
    book.add('attack', plan.kind, victim, from, to);
    const end = world.now + plan.duration;
    while (world.now < end) {
      const source = ipv4Address(`198.19.${random.integer(0, 255)}.${random.integer(1, 254)}`, router.ipv4.mac, 51);
      world.background(halfOpen(world, source, webServer));
      yield random.exponential(1 / (SYNS_PER_SECOND * plan.intensity));
    }
  },
};

function* halfOpen(world: World, source: Address, victim: Host): Process {
  const { random, wire } = world;
  const port = random.integer(1024, 65_535);
  const sequence = random.uint32();
  wire.tcp(source, victim.ipv4, rawSegment(port, HTTP_PORT, sequence, 0, TCP_SYN, 512), EMPTY, 0, 0);
  if (!random.chance(ANSWERED)) return;
  yield victim.attachment.delay * random.between(1, 3);
  const theirs = random.uint32();
  const answer = rawSegment(HTTP_PORT, port, theirs, (sequence + 1) >>> 0, TCP_SYN | TCP_ACK, 64_240);
  wire.tcp(victim.ipv4, source, answer, EMPTY, 0, 0);
  if (random.chance(REJECTED)) {
    yield random.between(0.02, 0.2);
    wire.tcp(source, victim.ipv4, rawSegment(port, HTTP_PORT, (sequence + 1) >>> 0, 0, TCP_RST, 0), EMPTY, 0, 0);
  } else if (random.chance(ANSWERED_AGAIN)) {
    yield random.between(1, 1.2);
    wire.tcp(victim.ipv4, source, answer, EMPTY, 0, 0);
  }
}
