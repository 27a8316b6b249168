import type { Process, Step } from '../engine/scheduler.ts';
import type { Device, Host } from '../network/host.ts';
import {
  SSH_PORT,
  sshEncrypted,
  sshKeyExchangeClient,
  sshKeyExchangeInit,
  sshKeyExchangeServer,
  sshNewKeys,
  sshVersion,
} from '../protocols/ssh-packets.ts';
import { TcpConnection } from '../tcp-connection.ts';
import type { World } from '../world.ts';
import { resolve } from './dns.ts';
import type { ServiceKind } from './service.ts';

/** Connection and key exchange, up to the point where the client may log in. */
export function* openSsh(world: World, client: Host, server: Host, software: string): Step<TcpConnection | undefined> {
  const { random } = world;
  const connection = new TcpConnection(world, client, server, SSH_PORT, [client.ipv4, server.ipv4]);
  if (!(yield* connection.open())) return undefined;
  yield* connection.clientSends(sshVersion(software));
  yield random.between(0.004, 0.012);
  yield* connection.serverSends(sshVersion('OpenSSH_9.6'));
  yield* connection.clientSends(sshKeyExchangeInit(random));
  yield* connection.serverSends(sshKeyExchangeInit(random));
  yield* connection.clientSends(sshKeyExchangeClient(random));
  yield random.between(0.002, 0.006);
  yield* connection.serverSends(sshKeyExchangeServer(random));
  yield* connection.clientSends(sshNewKeys());
  yield* connection.clientSends(sshEncrypted(44, random));
  yield* connection.serverSends(sshEncrypted(44, random));
  return connection;
}

/** One attempt to log in. */
export function* authenticate(world: World, connection: TcpConnection, serverThinks: number): Step<void> {
  yield* connection.clientSends(sshEncrypted(world.random.integer(15, 22) * 4, world.random));
  yield serverThinks;
  yield* connection.serverSends(sshEncrypted(world.random.integer(11, 14) * 4, world.random));
}

function* typing(world: World, connection: TcpConnection): Step<void> {
  const { random } = world;
  for (let commands = random.integer(2, 14); commands > 0; commands--) {
    for (let keys = random.integer(2, 22); keys > 0; keys--) {
      yield* connection.clientSends(sshEncrypted(36, random));
      yield* connection.serverSends(sshEncrypted(36, random));
      yield random.heavyTailed(0.13, 3);
    }
    yield* connection.serverSends(sshEncrypted(random.heavyTailed(700, 60_000) & ~3, random));
    yield random.heavyTailed(6, 240);
  }
}

/** People at a terminal, and programs that fetch and push. */
export const ssh: ServiceKind = {
  name: 'ssh',
  description: 'terminal sessions and repository transfers with the server in the house, at times a mistyped password',
  *use(world: World, device: Device): Process {
    const { random, network } = world;
    if (random.chance(0.5)) yield* resolve(world, device, network.sshServer);
    const connection = yield* openSsh(world, device, network.sshServer, 'OpenSSH_9.2');
    if (connection === undefined) return;
    if (random.chance(0.06)) {
      yield* authenticate(world, connection, random.between(1.5, 2.5));
      yield random.between(2, 6);
    }
    yield* authenticate(world, connection, random.between(0.01, 0.05));
    if (random.chance(0.5)) yield* typing(world, connection);
    else {
      yield* connection.clientSends(sshEncrypted(random.heavyTailed(900, 60_000) & ~3, random));
      yield random.between(0.02, 0.4);
      yield* connection.serverSends(sshEncrypted(random.heavyTailed(9000, 2e6) & ~3, random));
    }
    yield* connection.close();
  },
};
