import type { Process } from '../engine/scheduler.ts';
import type { Device, Service } from '../network/host.ts';
import { HTTP_PORT, httpGet, httpPost, httpResponse } from '../protocols/http-messages.ts';
import { TcpConnection } from '../tcp-connection.ts';
import type { World } from '../world.ts';
import { resolve } from './dns.ts';
import type { ServiceKind } from './service.ts';

const IPP_PORT = 631;
const PRINTER_IS_OFF = 0.12;

function* get(world: World, device: Device, server: Service, path: string, size: number): Process {
  const { random } = world;
  if (random.chance(0.6)) yield* resolve(world, device, server);
  const connection = new TcpConnection(world, device, server, HTTP_PORT);
  if (!(yield* connection.open())) return;
  for (let requests = random.integer(1, 3); requests > 0; requests--) {
    yield* connection.clientSends(httpGet(server.domain, path));
    yield random.heavyTailed(0.01, 1.5);
    yield* connection.serverSends(httpResponse(size * random.between(0.7, 1.3), random));
    yield random.heavyTailed(0.2, 10);
  }
  yield* connection.close(random.chance(0.5) ? 'client' : 'server');
}

/** Pages of the server in the house. */
export const intranet: ServiceKind = {
  name: 'intranet',
  description: 'pages of the web server in the house over HTTP',
  use(world: World, device: Device): Process {
    const { random, network } = world;
    return get(
      world,
      device,
      network.webServer,
      `/page/${random.integer(1, 40)}`,
      random.heavyTailed(3000, 100_000, 1.4),
    );
  },
};

/** The question whether the Internet is reachable. */
export const connectivityCheck: ServiceKind = {
  name: 'connectivity-check',
  description: 'tiny HTTP requests that tell whether the Internet is reachable',
  use(world: World, device: Device): Process {
    return get(world, device, world.network.peers[3], '/generate_204', 0);
  },
};

/** A document for the printer, which is off at times: then nobody answers. */
export const printing: ServiceKind = {
  name: 'printing',
  description: 'documents to the printer (IPP over HTTP), which does not answer when it is off',
  *use(world: World, device: Device): Process {
    const { random, network } = world;
    const printer = network.devices.find(({ kind }) => kind === 'printer');
    if (printer === undefined || printer === device) return;
    const connection = new TcpConnection(world, device, printer, IPP_PORT, [device.ipv4, printer.ipv4]);
    if (!(yield* connection.open(random.chance(PRINTER_IS_OFF) ? 'ignore' : 'accept'))) return;
    yield* connection.clientSends(httpPost(printer.name, '/ipp/print', random.heavyTailed(60_000, 900_000), random));
    yield random.between(0.2, 3);
    yield* connection.serverSends(httpResponse(120, random));
    yield* connection.close();
  },
};

/** Somebody on the Internet who looks at the web server of the house. */
export function* visit(world: World): Process {
  const { random, network } = world;
  const visitor = random.choice(network.peers);
  const connection = new TcpConnection(world, visitor, network.webServer, HTTP_PORT, [
    visitor.ipv4,
    network.webServer.ipv4,
  ]);
  if (!(yield* connection.open())) return;
  for (let requests = random.integer(1, 5); requests > 0; requests--) {
    yield* connection.clientSends(httpGet('www.home.example', `/blog/${random.integer(1, 90)}`));
    yield random.between(0.002, 0.02);
    yield* connection.serverSends(httpResponse(random.heavyTailed(5000, 200_000, 1.3), random));
    yield random.heavyTailed(0.4, 20);
  }
  yield* connection.close(random.chance(0.5) ? 'client' : 'server');
}
