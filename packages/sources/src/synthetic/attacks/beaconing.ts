import type { Process } from '../engine/scheduler.ts';
import { HTTPS_PORT } from '../protocols/tls-records.ts';
import { endTls, exchange, openTls } from '../services/https.ts';
import { PROTOCOL_TCP } from '../wire/frame-writer.ts';
import { type AttackKind, labelInterval, outsideAttacker, pickDevice } from './attack.ts';

const INTERVAL = 45;
/** Malware varies its interval a little so as not to be too regular. */
const JITTER = 0.1;
const COMMAND = 0.08;

/** An infected device asks its controller for orders at almost fixed intervals. */
export const beaconing: AttackKind = {
  name: 'beaconing',
  description: `a device asks a controller on the Internet for orders over TLS every ${INTERVAL} s (within ${100 * JITTER} %), mostly for nothing`,
  usualDuration: 1800,
  *run(world, plan, book): Process {
    const { random } = world;
    const device = pickDevice(world, 'desktop', 'laptop', 'television');
    const controller = outsideAttacker(world, 'controller', 90, 109);
    const { from, to } = labelInterval(world, plan);
    const pattern = {
      srcIp: device.ipv4.text,
      dstIp: controller.ipv4.text,
      dstPort: HTTPS_PORT,
      protocol: PROTOCOL_TCP,
    };
    book.add('attack', plan.kind, pattern, from, to);
    const end = world.now + plan.duration;
    while (world.now < end) {
      const connection = yield* openTls(world, device, controller, 'updates.example');
      if (connection !== undefined) {
        const answer = random.chance(COMMAND) ? random.between(2000, 30_000) : random.between(60, 90);
        yield* exchange(world, connection, random.between(180, 220), answer);
        yield* endTls(world, connection);
      }
      yield (INTERVAL / plan.intensity) * random.between(1 - JITTER, 1 + JITTER);
    }
  },
};
