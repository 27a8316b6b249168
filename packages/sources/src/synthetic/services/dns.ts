import type { Process, Step } from '../engine/scheduler.ts';
import { type Device, type Host, type Service, takePort } from '../network/host.ts';
import {
  addressRecords,
  DNS_PORT,
  DNS_TYPE_A,
  DNS_TYPE_AAAA,
  dnsAnswer,
  dnsNameError,
  dnsQuery,
} from '../protocols/dns-message.ts';
import type { World } from '../world.ts';
import type { ServiceKind } from './service.ts';

const RETRY_AFTER = 5;
const UNANSWERED = 0.004;
const ATTEMPTS = 3;
/** Share of questions that the resolver has to pass on. */
const NOT_CACHED = 0.25;
const TYPING_ERROR = 0.015;

/** Resolves a name as hosts do: an A query, where the host speaks IPv6 also AAAA, each from a port of its own. */
export function* resolve(world: World, client: Host, server: Service): Step<void> {
  const { random } = world;
  if (client.ipv6 !== undefined) {
    world.begin('dns', question(world, client, server, DNS_TYPE_AAAA), random.between(0.00005, 0.0008));
  }
  yield* question(world, client, server, DNS_TYPE_A);
}

function* question(world: World, client: Host, server: Service, type: number): Process {
  const { network, random, wire } = world;
  const { resolver } = network;
  const records = type === DNS_TYPE_A ? server.ipv4.bytes : server.ipv6?.bytes;
  const name = random.chance(TYPING_ERROR) ? `${random.integer(100, 999)}.${server.domain}` : server.domain;
  const isKnown = name === server.domain;
  const id = random.integer(0, 0xffff);
  const port = takePort(client);
  const query = dnsQuery(id, name, type);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    wire.udp(client.ipv4, resolver.ipv4, port, DNS_PORT, query);
    if (!random.chance(UNANSWERED)) break;
    if (attempt === ATTEMPTS) return;
    yield RETRY_AFTER;
  }
  const answer = (id: number) =>
    isKnown
      ? dnsAnswer(
          id,
          name,
          type,
          records === undefined ? [] : addressRecords(records, random),
          random.integer(30, 3600),
        )
      : dnsNameError(id, name, type);
  const isLocal = server.domain.endsWith('.arpa');
  if (isLocal || !random.chance(NOT_CACHED)) {
    yield random.between(0.0002, 0.0012);
  } else {
    // The resolver asks a name server on the Internet.
    const upstream = random.popular(network.peers);
    const upstreamPort = takePort(resolver);
    const upstreamId = random.integer(0, 0xffff);
    yield random.between(0.0001, 0.0006);
    wire.udp(resolver.ipv4, upstream.ipv4, upstreamPort, DNS_PORT, dnsQuery(upstreamId, name, type));
    yield upstream.attachment.delay * random.between(1, 1.3);
    wire.udp(upstream.ipv4, resolver.ipv4, DNS_PORT, upstreamPort, answer(upstreamId));
    yield random.between(0.0001, 0.0006);
  }
  wire.udp(resolver.ipv4, client.ipv4, DNS_PORT, port, answer(id));
}

export const dns: ServiceKind = {
  name: 'dns',
  description: 'look-ups of A and AAAA over UDP, passed on where not cached, with retries and unknown names',
  *use(world: World, device: Device): Process {
    yield* resolve(world, device, world.random.popular(world.network.peers));
  },
};
