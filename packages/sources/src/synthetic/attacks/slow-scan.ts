import type { Process } from '../engine/scheduler.ts';
import { takePort } from '../network/host.ts';
import { PROTOCOL_TCP } from '../wire/frame-writer.ts';
import { type AttackKind, labelInterval, outsideAttacker } from './attack.ts';
import { probe } from './syn-probe.ts';

const SECONDS_BETWEEN_PROBES = 12;
const PORTS = [21, 22, 23, 25, 53, 80, 110, 143, 443, 445, 993, 1433, 1883, 3306, 3389, 5432, 5900, 6379, 8080, 8443];

/** All servers and their usual ports, so slowly that no short window sees more than a few probes. */
export const slowScan: AttackKind = {
  name: 'slow-scan',
  description: `the usual ports of all servers from one address, one SYN every ${SECONDS_BETWEEN_PROBES} s`,
  usualDuration: 1800,
  *run(world, plan, book): Process {
    const { random, network } = world;
    const attacker = outsideAttacker(world, 'slow scanner', 30, 49);
    const { from, to } = labelInterval(world, plan);
    book.add('attack', plan.kind, { srcIp: attacker.ipv4.text, protocol: PROTOCOL_TCP }, from, to);
    const open = new Map([
      [network.webServer, 80],
      [network.sshServer, 22],
      [network.broker, 1883],
      [network.storage, 443],
    ]);
    const servers = [network.resolver, ...open.keys()];
    const end = world.now + plan.duration;
    while (world.now < end) {
      const target = random.choice(servers);
      const port = random.choice(PORTS);
      const answer = open.get(target) === port ? 'open' : random.chance(0.3) ? 'filtered' : 'closed';
      world.background(probe(world, attacker, target, takePort(attacker), port, answer));
      yield random.exponential(SECONDS_BETWEEN_PROBES / plan.intensity);
    }
  },
};
