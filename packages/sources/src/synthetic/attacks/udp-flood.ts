import type { Process } from '../engine/scheduler.ts';
import { firstPort, type Host, takePort } from '../network/host.ts';
import { plainPort } from '../network/plain-port.ts';
import { type Address, ipv4Address } from '../wire/address.ts';
import { bytesContent, opaqueContent } from '../wire/content.ts';
import { ICMP_UNREACHABLE, PROTOCOL_ICMP, PROTOCOL_UDP } from '../wire/frame-writer.ts';
import type { World } from '../world.ts';
import { type AttackKind, botnet, labelInterval } from './attack.ts';
import { quoteDatagram } from './unreachable.ts';

const BOTS = 5;
const DATAGRAMS_PER_SECOND = 120;
const SPOOFED_PER_SECOND = 60;
const PORT_UNREACHABLE = 3;
/** Linux sends about one ICMP error per second and destination. */
const ERRORS_PER_SECOND = 1;
/** Floods are filled with anything; the first bytes keep tools from taking it for a known protocol. */
const FILL = new Uint8Array(16).fill(0x58);

/** Large datagrams to random ports from a few hosts; the server reports some ports as unreachable. */
export const udpFlood: AttackKind = {
  name: 'udp-flood',
  description: `${DATAGRAMS_PER_SECOND} large datagrams per second from ${BOTS} hosts to random ports of the web server, which reports some as unreachable`,
  usualDuration: 45,
  *run(world, plan, book): Process {
    const { random, network } = world;
    const victim = network.webServer;
    const bots = botnet(world, BOTS);
    const { from, to } = labelInterval(world, plan);
    for (const { ipv4 } of bots) {
      const between = { srcIp: ipv4.text, dstIp: victim.ipv4.text };
      book.add('attack', plan.kind, { ...between, protocol: PROTOCOL_UDP }, from, to);
      book.add('collateral', plan.kind, { ...between, protocol: PROTOCOL_ICMP }, from, to);
    }
    // Each bot keeps its port for a while, as a socket does.
    const ports = bots.map((bot) => takePort(bot));
    const end = world.now + plan.duration;
    let nextError = world.now;
    while (world.now < end) {
      const i = random.integer(0, BOTS - 1);
      if (random.chance(0.02)) ports[i] = takePort(bots[i]);
      const wantsError = world.now >= nextError;
      if (wantsError) nextError = world.now + 1 / ERRORS_PER_SECOND;
      sendDatagram(world, bots[i].ipv4, victim, ports[i], wantsError);
      yield random.exponential(1 / (DATAGRAMS_PER_SECOND * plan.intensity));
    }
  },
};

/** The same from random addresses: the errors go to hosts that have nothing to do with it. */
export const udpFloodSpoofed: AttackKind = {
  name: 'udp-flood-spoofed',
  description: `${SPOOFED_PER_SECOND} datagrams per second from spoofed random addresses to the web server; its ICMP errors are backscatter`,
  usualDuration: 45,
  *run(world, plan, book): Process {
    const { random, network } = world;
    const victim = network.webServer;
    const { from, to } = labelInterval(world, plan);
    book.add('attack', plan.kind, { dstIp: victim.ipv4.text, protocol: PROTOCOL_UDP }, from, to);
    book.add('collateral', plan.kind, { srcIp: victim.ipv4.text, protocol: PROTOCOL_ICMP }, from, to);
    const end = world.now + plan.duration;
    while (world.now < end) {
      const text = `198.19.${random.integer(0, 255)}.${random.integer(1, 254)}`;
      const source = ipv4Address(text, network.router.ipv4.mac, 49);
      sendDatagram(world, source, victim, firstPort(random), random.chance(0.1));
      yield random.exponential(1 / (SPOOFED_PER_SECOND * plan.intensity));
    }
  },
};

function sendDatagram(world: World, source: Address, victim: Host, sourcePort: number, wantsError: boolean): void {
  const { random, wire } = world;
  const port = plainPort(random.integer(20_000, 65_535));
  const length = random.integer(400, 1400);
  wire.udp(source, victim.ipv4, sourcePort, port, opaqueContent(FILL, length, random));
  if (!wantsError) return;
  const quoted = bytesContent(quoteDatagram(source, victim.ipv4, sourcePort, port, length));
  world.background(
    (function* (): Process {
      yield victim.attachment.delay;
      wire.icmp(victim.ipv4, source, ICMP_UNREACHABLE, PORT_UNREACHABLE, 0, quoted);
    })(),
  );
}
