import type { Process } from '../engine/scheduler.ts';
import { takePort } from '../network/host.ts';
import { makeOutsider } from '../network/network.ts';
import { bytesContent } from '../wire/content.ts';
import { ICMP_UNREACHABLE, PROTOCOL_ICMP, PROTOCOL_TCP } from '../wire/frame-writer.ts';
import { type AttackKind, labelInterval, pickDevice } from './attack.ts';
import { probe } from './syn-probe.ts';
import { quoteSyn } from './unreachable.ts';

const PROBES_PER_SECOND = 12;
const PORT = 445;
const HOST_UNREACHABLE = 1;
/** What comes of a probe to a random address; the rest gets no answer. */
const OPEN = 0.01;
const CLOSED = 0.05;
const UNREACHABLE = 0.04;

/** One port of many addresses: an infected camera looks for others of its kind on the Internet. */
export const horizontalScan: AttackKind = {
  name: 'horizontal-scan',
  description: `a camera of the house sends SYNs to port ${PORT} of random Internet addresses, ${PROBES_PER_SECOND} per second; few answer, routers report some as unreachable`,
  usualDuration: 120,
  *run(world, plan, book): Process {
    const { random, network, wire } = world;
    const device = pickDevice(world, 'camera');
    const { from, to } = labelInterval(world, plan);
    book.add('attack', plan.kind, { srcIp: device.ipv4.text, dstPort: PORT, protocol: PROTOCOL_TCP }, from, to);
    const end = world.now + plan.duration;
    while (world.now < end) {
      const address = `198.19.${random.integer(0, 255)}.${random.integer(1, 254)}`;
      const target = makeOutsider(random, 'target', address, network.router.ipv4.mac);
      const port = takePort(device);
      const outcome = random.unit();
      const answer = outcome < OPEN ? 'open' : outcome < OPEN + CLOSED ? 'closed' : 'filtered';
      world.background(probe(world, device, target, port, PORT, answer));
      if (answer === 'filtered' && random.chance(UNREACHABLE)) {
        const reporter = network.peers[random.integer(20, 40)];
        const pattern = { srcIp: reporter.ipv4.text, dstIp: device.ipv4.text, protocol: PROTOCOL_ICMP };
        book.add('collateral', plan.kind, pattern, from, to);
        const quoted = bytesContent(quoteSyn(device.ipv4, target.ipv4, port, PORT));
        world.background(
          (function* (): Process {
            yield reporter.attachment.delay;
            wire.icmp(reporter.ipv4, device.ipv4, ICMP_UNREACHABLE, HOST_UNREACHABLE, 0, quoted);
          })(),
        );
      }
      yield random.exponential(1 / (PROBES_PER_SECOND * plan.intensity));
    }
  },
};
