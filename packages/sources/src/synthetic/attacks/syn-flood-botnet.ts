import type { Process } from '../engine/scheduler.ts';
import { takePort } from '../network/host.ts';
import { HTTP_PORT } from '../protocols/http-messages.ts';
import { PROTOCOL_TCP } from '../wire/frame-writer.ts';
import { type AttackKind, botnet, labelInterval } from './attack.ts';
import { probe } from './syn-probe.ts';

const BOTS = 8;
const SYNS_PER_SECOND = 50;
/** Share of SYNs that the server still answers. */
const ANSWERED = 0.5;

/** SYNs from a few real addresses, whose hosts reset what the server answers. */
export const synFloodBotnet: AttackKind = {
  name: 'syn-flood-botnet',
  description: `${SYNS_PER_SECOND} SYNs per second from ${BOTS} hosts under their own addresses to the web server`,
  usualDuration: 60,
  *run(world, plan, book): Process {
    const { random, network } = world;
    const victim = network.webServer;
    const bots = botnet(world, BOTS);
    const { from, to } = labelInterval(world, plan);
    for (const bot of bots) {
      const pattern = { srcIp: bot.ipv4.text, dstIp: victim.ipv4.text, dstPort: HTTP_PORT, protocol: PROTOCOL_TCP };
      book.add('attack', plan.kind, pattern, from, to);
    }
    const end = world.now + plan.duration;
    while (world.now < end) {
      const bot = random.choice(bots);
      const answer = random.chance(ANSWERED) ? 'open' : 'filtered';
      world.background(probe(world, bot, victim, takePort(bot), HTTP_PORT, answer));
      yield random.exponential(1 / (SYNS_PER_SECOND * plan.intensity));
    }
  },
};
