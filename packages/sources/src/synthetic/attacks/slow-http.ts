import type { Process } from '../engine/scheduler.ts';
import type { Host } from '../network/host.ts';
import { HTTP_PORT } from '../protocols/http-messages.ts';
import { TcpConnection } from '../tcp-connection.ts';
import { textContent } from '../wire/content.ts';
import { PROTOCOL_TCP } from '../wire/frame-writer.ts';
import type { World } from '../world.ts';
import { type AttackKind, labelInterval, outsideAttacker } from './attack.ts';

const CONNECTIONS = 60;
const SECONDS_BETWEEN_LINES = 12;
/** The server gives up a request that takes longer than this, roughly. */
const SERVER_PATIENCE = 60;
const AFTERWARDS = 90;

/** Many connections, each with a request that never ends (Slowloris). */
export const slowHttp: AttackKind = {
  name: 'slow-http',
  description: `${CONNECTIONS} connections to the web server, each sending one header line every ${SECONDS_BETWEEN_LINES} s and never finishing the request`,
  usualDuration: 300,
  *run(world, plan, book): Process {
    const { random, network } = world;
    const attacker = outsideAttacker(world, 'slow client', 50, 69);
    const { from, to } = labelInterval(world, plan, AFTERWARDS);
    const pattern = {
      srcIp: attacker.ipv4.text,
      dstIp: network.webServer.ipv4.text,
      dstPort: HTTP_PORT,
      protocol: PROTOCOL_TCP,
    };
    book.add('attack', plan.kind, pattern, from, to);
    const end = world.now + plan.duration;
    for (let i = Math.max(1, Math.round(CONNECTIONS * plan.intensity)); i > 0; i--) {
      world.background(holdOpen(world, attacker, end));
      yield random.between(0.02, 0.3);
    }
  },
};

/** Keeps one connection busy until the end; where the server closes it, opens another. */
function* holdOpen(world: World, attacker: Host, end: number): Process {
  const { random, network } = world;
  while (world.now < end) {
    const server = network.webServer;
    const connection = new TcpConnection(world, attacker, server, HTTP_PORT, [attacker.ipv4, server.ipv4]);
    if (!(yield* connection.open())) continue;
    yield* connection.clientSends(
      textContent('GET / HTTP/1.1\r\nHost: www.home.example\r\nUser-Agent: Mozilla/5.0\r\n'),
    );
    const givenUpAt = world.now + SERVER_PATIENCE * random.between(0.6, 1.4);
    while (world.now < Math.min(end, givenUpAt)) {
      yield random.between(0.8, 1.2) * SECONDS_BETWEEN_LINES;
      yield* connection.clientSends(textContent(`X-${random.integer(100, 999)}: ${random.integer(1, 9999)}\r\n`));
    }
    yield* connection.close('server');
    yield random.between(0.1, 2);
  }
}
