import type { Process } from '../engine/scheduler.ts';
import { HTTPS_PORT } from '../protocols/tls-records.ts';
import { endTls, exchange, openTls } from '../services/https.ts';
import { PROTOCOL_TCP } from '../wire/frame-writer.ts';
import { type AttackKind, labelInterval, outsideAttacker, pickDevice } from './attack.ts';

const SECONDS_BETWEEN_UPLOADS = 40;
const SMALLEST_UPLOAD = 250_000;
const LARGEST_UPLOAD = 900_000;
const AFTERWARDS = 30;

/** A device of the house sends its files to a server on the Internet, piece by piece over TLS. */
export const exfiltration: AttackKind = {
  name: 'exfiltration',
  description: `a laptop uploads files to an unknown server over TLS, ${SMALLEST_UPLOAD / 1000} to ${LARGEST_UPLOAD / 1000} kB every ${SECONDS_BETWEEN_UPLOADS} s`,
  usualDuration: 1200,
  *run(world, plan, book): Process {
    const { random } = world;
    const device = pickDevice(world, 'laptop', 'desktop');
    const drop = outsideAttacker(world, 'drop', 130, 149);
    const { from, to } = labelInterval(world, plan, AFTERWARDS);
    const pattern = { srcIp: device.ipv4.text, dstIp: drop.ipv4.text, dstPort: HTTPS_PORT, protocol: PROTOCOL_TCP };
    book.add('attack', plan.kind, pattern, from, to);
    const end = world.now + plan.duration;
    while (world.now < end) {
      const connection = yield* openTls(world, device, drop, 'files.example');
      if (connection !== undefined) {
        for (let pieces = random.integer(1, 3); pieces > 0 && world.now < end; pieces--) {
          const size = random.between(SMALLEST_UPLOAD, LARGEST_UPLOAD) * Math.min(plan.intensity, 20);
          yield* exchange(world, connection, size, random.between(60, 300));
        }
        yield* endTls(world, connection);
      }
      yield (random.between(0.5, 1.5) * SECONDS_BETWEEN_UPLOADS) / plan.intensity;
    }
  },
};
