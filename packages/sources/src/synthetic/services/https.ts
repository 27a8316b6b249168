import type { Process, Step } from '../engine/scheduler.ts';
import type { Device, Host, Service } from '../network/host.ts';
import { applicationData, clientFinished, clientHello, HTTPS_PORT, serverHello } from '../protocols/tls-records.ts';
import { TcpConnection } from '../tcp-connection.ts';
import type { World } from '../world.ts';
import { resolve } from './dns.ts';
import type { ServiceKind } from './service.ts';

const KNOWN_NAME = 0.4;
const PEER_IS_DOWN = 0.004;
const ENDS_BY_RESET = 0.05;
const LARGEST_PAGE_PART = 400_000;
const PUSH_INTERVAL = 60;

/** TCP and TLS handshake; undefined when the server cannot be reached. */
export function* openTls(
  world: World,
  client: Host,
  server: Host,
  serverName: string,
): Step<TcpConnection | undefined> {
  const { random } = world;
  const connection = new TcpConnection(world, client, server, HTTPS_PORT);
  if (!(yield* connection.open(random.chance(PEER_IS_DOWN) ? 'ignore' : 'accept'))) return undefined;
  yield* connection.clientSends(clientHello(serverName, random));
  yield random.between(0.0005, 0.004);
  yield* connection.serverSends(serverHello(random));
  yield random.between(0.0003, 0.002);
  yield* connection.clientSends(clientFinished(random));
  return connection;
}

/** One request and its response over TLS. */
export function* exchange(world: World, connection: TcpConnection, request: number, response: number): Step<void> {
  yield* connection.clientSends(applicationData(request, world.random));
  yield world.random.heavyTailed(0.02, 2);
  yield* connection.serverSends(applicationData(response, world.random));
}

/** Ends a connection as clients do, at times by a reset. */
export function* endTls(world: World, connection: TcpConnection): Step<void> {
  if (world.random.chance(ENDS_BY_RESET)) connection.reset('client');
  else yield* connection.close(world.random.chance(0.7) ? 'client' : 'server');
}

function* fetchParts(world: World, client: Host, server: Service, parts: number): Process {
  const { random } = world;
  if (!random.chance(KNOWN_NAME)) yield* resolve(world, client, server);
  yield random.between(0.0005, 0.005);
  const connection = yield* openTls(world, client, server, server.domain);
  if (connection === undefined) return;
  for (let part = 0; part < parts; part++) {
    yield* exchange(world, connection, random.between(180, 900), random.heavyTailed(3000, LARGEST_PAGE_PART, 1.3));
    yield random.heavyTailed(0.08, 6);
  }
  yield random.heavyTailed(1.5, 75);
  yield* endTls(world, connection);
}

/** Web pages one after another, with time to read; each asks several servers for parts of it. */
export const browsing: ServiceKind = {
  name: 'browsing',
  description: 'web pages over TLS (HTTPS) from several servers each, with time to read in between',
  *use(world: World, device: Device): Process {
    const { random, network } = world;
    for (let pages = random.integer(1, 9); pages > 0; pages--) {
      const main = random.popular(network.peers);
      world.begin('https', fetchParts(world, device, main, random.integer(1, 4)));
      for (let others = random.integer(0, 5); others > 0; others--) {
        const delay = random.between(0.15, 1.2);
        world.begin('https', fetchParts(world, device, random.popular(network.peers), random.integer(1, 2)), delay);
      }
      yield random.heavyTailed(14, 600);
    }
  },
};

/** A small exchange in the background, as applications make all day. */
export const appSync: ServiceKind = {
  name: 'app-sync',
  description: 'small background exchanges of applications over TLS',
  use(world: World, device: Device): Process {
    return fetchParts(world, device, world.random.popular(world.network.peers), 1);
  },
};

/** A connection that stays open for minutes to hours, with a small message now and then. */
export const pushChannel: ServiceKind = {
  name: 'push-channel',
  description: 'long TLS connections with a small message now and then, for notifications',
  *use(world: World, device: Device): Process {
    const { random, network } = world;
    const server = network.peers[random.integer(0, 9)];
    yield* resolve(world, device, server);
    const connection = yield* openTls(world, device, server, server.domain);
    if (connection === undefined) return;
    for (let left = random.integer(4, 60); left > 0; left--) {
      if (random.chance(0.7)) yield* connection.keepAlive();
      else yield* exchange(world, connection, random.between(40, 120), random.between(40, 400));
      yield random.between(0.6, 1.4) * PUSH_INTERVAL;
    }
    yield* endTls(world, connection);
  },
};
