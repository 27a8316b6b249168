import type { Process } from '../engine/scheduler.ts';
import { type Device, takePort } from '../network/host.ts';
import { TcpConnection } from '../tcp-connection.ts';
import { repeatedContent, textContent } from '../wire/content.ts';
import { ARP_REQUEST, PROTOCOL_TCP } from '../wire/frame-writer.ts';
import type { World } from '../world.ts';
import type { LabelBook } from '../../labels/label-book.ts';
import { type AttackKind, type AttackPlan, labelInterval, pickDevice } from './attack.ts';
import { probe } from './syn-probe.ts';

const TELNET_PORT = 23;
const PROBES_PER_SECOND = 2;
const SECONDS_TO_START = 8;
const VULNERABLE: readonly string[] = ['camera', 'sensor', 'television', 'printer'];

/**
 * A line by which a copy is typed in, as Mirai's loaders do it: telnet gives the byte 255 a meaning (RFC 854), so that programs
 * cannot be sent as they are.
 */
const LOADER_LINE = new TextEncoder().encode(`echo -ne '${'\\x7f\\x45\\x4c\\x46'.repeat(6)}' >> /tmp/.x\r\n`);

/** A worm as Mirai: telnet with a default password, a copy of itself, and the new victim goes on. */
export const worm: AttackKind = {
  name: 'worm',
  description: `an infected camera tries telnet on the neighbours, ${PROBES_PER_SECOND} addresses per second; devices with a default password are infected and join in; their other traffic is unknown`,
  usualDuration: 240,
  *run(world, plan, book): Process {
    const first = pickDevice(world, 'camera', 'sensor');
    const infected = new Set([first]);
    yield* spread(world, plan, book, first, infected, world.now + plan.duration);
  },
};

function* spread(
  world: World,
  plan: AttackPlan,
  book: LabelBook,
  device: Device,
  infected: Set<Device>,
  end: number,
): Process {
  const { random, network, wire } = world;
  const { from, to } = labelInterval(world, { ...plan, duration: end - world.now });
  book.add('attack', plan.kind, { srcIp: device.ipv4.text, dstPort: TELNET_PORT, protocol: PROTOCOL_TCP }, from, to);
  // What else an infected device does could be its own doing or the worm's.
  book.add('unknown', plan.kind, { srcIp: device.ipv4.text }, from, to);
  const byAddress = new Map(network.devices.map((other) => [other.ipv4.text, other]));
  const wanted = Uint8Array.from(device.ipv4.bytes);
  while (world.now < end) {
    const number = random.integer(1, 254);
    const target = byAddress.get(`192.168.1.${number}`);
    wanted[3] = number;
    if (target === undefined) {
      // Nobody has that address: the question for it is all that can be seen.
      wire.arp(ARP_REQUEST, device.ipv4.mac, device.ipv4.bytes, device.ipv4.mac, wanted);
    } else if (target !== device && !infected.has(target)) {
      if (VULNERABLE.includes(target.kind)) world.background(infect(world, plan, book, device, target, infected, end));
      else world.background(probe(world, device, target, takePort(device), TELNET_PORT, 'closed'));
    }
    yield random.exponential(1 / (PROBES_PER_SECOND * plan.intensity));
  }
}

function* infect(
  world: World,
  plan: AttackPlan,
  book: LabelBook,
  device: Device,
  target: Device,
  infected: Set<Device>,
  end: number,
): Process {
  const { random } = world;
  const connection = new TcpConnection(world, device, target, TELNET_PORT, [device.ipv4, target.ipv4]);
  if (!(yield* connection.open())) return;
  yield* connection.serverSends(textContent('\r\nlogin: '));
  yield random.between(0.05, 0.3);
  yield* connection.clientSends(textContent('root\r\n'));
  yield* connection.serverSends(textContent('Password: '));
  yield* connection.clientSends(textContent('default\r\n'));
  yield random.between(0.2, 0.8);
  if (random.chance(0.4)) {
    yield* connection.serverSends(textContent('\r\nLogin incorrect\r\n'));
    yield* connection.close('server');
    return;
  }
  yield* connection.serverSends(textContent('\r\nBusyBox built-in shell\r\n# '));
  yield* connection.clientSends(textContent('cd /tmp; > .x; chmod +x .x\r\n'));
  const lines = Math.ceil(random.integer(40_000, 70_000) / LOADER_LINE.length);
  yield* connection.clientSends(repeatedContent(LOADER_LINE, LOADER_LINE.length, lines, random));
  yield* connection.clientSends(textContent('./.x\r\n'));
  yield* connection.close('client');
  if (infected.has(target) || world.now >= end) return;
  infected.add(target);
  yield SECONDS_TO_START * random.between(0.5, 1.5);
  yield* spread(world, plan, book, target, infected, end);
}
