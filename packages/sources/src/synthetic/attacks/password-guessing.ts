import type { Process } from '../engine/scheduler.ts';
import type { Host } from '../network/host.ts';
import { SSH_PORT } from '../protocols/ssh-packets.ts';
import { authenticate, openSsh } from '../services/ssh.ts';
import { PROTOCOL_TCP } from '../wire/frame-writer.ts';
import type { World } from '../world.ts';
import { type AttackKind, labelInterval, outsideAttacker } from './attack.ts';

const CONNECTIONS_PER_SECOND = 0.7;
/** The last connections take so long to fail. */
const AFTERWARDS = 30;

/** Connection after connection to the SSH server, each with a few wrong passwords. */
export const passwordGuessing: AttackKind = {
  name: 'password-guessing',
  description: `SSH logins with wrong passwords from one address, about ${CONNECTIONS_PER_SECOND} connections per second with up to three tries each`,
  usualDuration: 600,
  *run(world, plan, book): Process {
    const { random, network } = world;
    const server = network.sshServer;
    const attacker = outsideAttacker(world, 'guesser', 70, 89);
    const { from, to } = labelInterval(world, plan, AFTERWARDS);
    const pattern = { srcIp: attacker.ipv4.text, dstIp: server.ipv4.text, dstPort: SSH_PORT, protocol: PROTOCOL_TCP };
    book.add('attack', plan.kind, pattern, from, to);
    const end = world.now + plan.duration;
    while (world.now < end) {
      world.background(guess(world, attacker, server));
      yield random.between(0.4, 1.6) / (CONNECTIONS_PER_SECOND * plan.intensity);
    }
  },
};

function* guess(world: World, attacker: Host, server: Host): Process {
  const { random } = world;
  const connection = yield* openSsh(world, attacker, server, 'libssh2_1.11.0');
  if (connection === undefined) return;
  for (let tries = random.integer(1, 3); tries > 0; tries--) {
    yield* authenticate(world, connection, random.between(1.6, 2.4));
    yield random.between(0.01, 0.1);
  }
  if (random.chance(0.1)) connection.reset('server');
  else yield* connection.close(random.chance(0.5) ? 'server' : 'client');
}
