import type { Process } from '../engine/scheduler.ts';
import { type Device, takePort } from '../network/host.ts';
import { NTP_PORT, ntpRequest, ntpResponse } from '../protocols/ntp-packet.ts';
import type { World } from '../world.ts';
import type { ServiceKind } from './service.ts';

const UNANSWERED = 0.02;

/** One question for the time, to the house's server or to one on the Internet. */
export const ntp: ServiceKind = {
  name: 'ntp',
  description: 'clocks that ask the house or the Internet for the time; some questions get no answer',
  *use(world: World, device: Device): Process {
    const { random, network, wire } = world;
    const server = random.chance(0.6) ? network.resolver : network.peers[random.integer(10, 13)];
    const port = device.kind === 'sensor' ? NTP_PORT : takePort(device);
    const asked = world.timestamp;
    wire.udp(device.ipv4, server.ipv4, port, NTP_PORT, ntpRequest(asked));
    if (random.chance(UNANSWERED)) return;
    yield server.attachment.delay * random.between(1, 1.2);
    wire.udp(server.ipv4, device.ipv4, NTP_PORT, port, ntpResponse(asked, world.timestamp));
  },
};
