import type { Process } from '../engine/scheduler.ts';
import type { Device } from '../network/host.ts';
import { bytesContent } from '../wire/content.ts';
import { ICMP_ECHO_REPLY, ICMP_ECHO_REQUEST } from '../wire/frame-writer.ts';
import type { World } from '../world.ts';
import type { ServiceKind } from './service.ts';

const ECHO_DATA = bytesContent(Uint8Array.from({ length: 56 }, (_, i) => i));
const UNANSWERED = 0.01;

/** A few echo requests to the router or to the Internet. */
export const ping: ServiceKind = {
  name: 'ping',
  description: 'ICMP echo to the router or a peer, a few at a time',
  *use(world: World, device: Device): Process {
    const { random, network, wire } = world;
    const target = random.chance(0.6) ? network.router : random.popular(network.peers);
    const id = random.integer(1, 0xffff);
    const count = random.integer(1, 5);
    for (let sequence = 1; sequence <= count; sequence++) {
      const rest = ((id << 16) | sequence) >>> 0;
      wire.icmp(device.ipv4, target.ipv4, ICMP_ECHO_REQUEST, 0, rest, ECHO_DATA);
      if (!random.chance(UNANSWERED)) {
        const delay = target.attachment.delay * random.between(1, 1.2);
        yield delay;
        wire.icmp(target.ipv4, device.ipv4, ICMP_ECHO_REPLY, 0, rest, ECHO_DATA);
      }
      yield 1;
    }
  },
};
