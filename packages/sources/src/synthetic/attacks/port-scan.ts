import type { Process } from '../engine/scheduler.ts';
import { takePort } from '../network/host.ts';
import { PROTOCOL_TCP } from '../wire/frame-writer.ts';
import { type AttackKind, labelInterval, outsideAttacker } from './attack.ts';
import { probe, type ProbeAnswer } from './syn-probe.ts';

const PROBES_PER_SECOND = 10;
const OPEN_PORTS = new Set([22, 80, 443]);
const LAST_COMMON_PORT = 1024;
const LAST_PORT = 10_000;

/** Every port of one server, in random order, the common ones first (nmap -sS). */
export const portScan: AttackKind = {
  name: 'port-scan',
  description: `vertical scan: SYNs to the ports of the web server in random order, ${PROBES_PER_SECOND} per second; closed ports answer with RST, some are filtered`,
  usualDuration: 180,
  *run(world, plan, book): Process {
    const { random, network } = world;
    const target = network.webServer;
    const attacker = outsideAttacker(world, 'scanner', 10, 29);
    const pattern = { srcIp: attacker.ipv4.text, dstIp: target.ipv4.text, protocol: PROTOCOL_TCP };
    const { from, to } = labelInterval(world, plan);
    book.add('attack', plan.kind, pattern, from, to);
    const sourcePort = takePort(attacker);
    const end = world.now + plan.duration;
    const ports = [...shuffled(1, LAST_COMMON_PORT, random), ...shuffled(LAST_COMMON_PORT + 1, LAST_PORT, random)];
    for (const port of ports) {
      if (world.now >= end) return;
      const answer: ProbeAnswer = OPEN_PORTS.has(port) ? 'open' : port % 10 === 7 ? 'filtered' : 'closed';
      world.background(probe(world, attacker, target, sourcePort, port, answer));
      yield random.exponential(1 / (PROBES_PER_SECOND * plan.intensity));
    }
  },
};

function shuffled(first: number, last: number, random: { integer(low: number, high: number): number }): number[] {
  const ports = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  for (let i = ports.length - 1; i > 0; i--) {
    const j = random.integer(0, i);
    [ports[i], ports[j]] = [ports[j], ports[i]];
  }
  return ports;
}
