import type { Process } from '../engine/scheduler.ts';
import type { Device } from '../network/host.ts';
import type { World } from '../world.ts';
import { resolve } from './dns.ts';
import { endTls, exchange, openTls } from './https.ts';
import type { ServiceKind } from './service.ts';

/** A backup to the storage server: much goes up, little comes back. */
export const backup: ServiceKind = {
  name: 'backup',
  description: 'rare: backups to the storage server in the house over TLS, megabytes upward',
  *use(world: World, device: Device): Process {
    const { random, network } = world;
    const connection = yield* openTls(world, device, network.storage, network.storage.domain);
    if (connection === undefined) return;
    for (let files = random.integer(2, 12); files > 0; files--) {
      yield* exchange(world, connection, random.heavyTailed(120_000, 3e6), random.between(60, 200));
      yield random.between(0.05, 1);
    }
    yield* endTls(world, connection);
  },
};

/** Photographs and documents to a service on the Internet: the normal look-alike of exfiltration. */
export const upload: ServiceKind = {
  name: 'upload',
  description: 'rare: photographs and documents to a service on the Internet, megabytes upward',
  *use(world: World, device: Device): Process {
    const { random, network } = world;
    const server = network.peers[random.integer(4, 9)];
    yield* resolve(world, device, server);
    const connection = yield* openTls(world, device, server, server.domain);
    if (connection === undefined) return;
    for (let files = random.integer(1, 5); files > 0; files--) {
      yield* exchange(world, connection, random.heavyTailed(250_000, 3e6), random.between(200, 600));
      yield random.between(0.1, 4);
    }
    yield* endTls(world, connection);
  },
};

/** An update: a large download. */
export const update: ServiceKind = {
  name: 'update',
  description: 'rare: software updates over TLS, megabytes downward',
  *use(world: World, device: Device): Process {
    const { random, network } = world;
    const server = network.peers[random.integer(0, 3)];
    yield* resolve(world, device, server);
    const connection = yield* openTls(world, device, server, server.domain);
    if (connection === undefined) return;
    for (let files = random.integer(1, 4); files > 0; files--) {
      yield* exchange(world, connection, random.between(200, 500), random.heavyTailed(900_000, 8e6));
      yield random.between(0.1, 5);
    }
    yield* endTls(world, connection);
  },
};
