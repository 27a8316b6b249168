import type { Process } from '../engine/scheduler.ts';
import type { Host } from '../network/host.ts';
import { EMPTY } from '../wire/content.ts';
import { TCP_ACK, TCP_RST, TCP_SYN, type TcpHeader } from '../wire/frame-writer.ts';
import type { World } from '../world.ts';

export type ProbeAnswer = 'open' | 'closed' | 'filtered';

const RETRY_AFTER = 1.2;

/** One SYN to a port and what comes of it: SYN-ACK and the scanner's RST, RST, or nothing and one more try. */
export function* probe(
  world: World,
  scanner: Host,
  target: Host,
  sourcePort: number,
  port: number,
  answer: ProbeAnswer,
): Process {
  const { random, wire } = world;
  const sequence = random.uint32();
  const syn = rawSegment(sourcePort, port, sequence, 0, TCP_SYN, 1024);
  wire.tcp(scanner.ipv4, target.ipv4, syn, EMPTY, 0, 0);
  if (answer === 'filtered') {
    yield RETRY_AFTER * random.between(0.9, 1.1);
    wire.tcp(scanner.ipv4, target.ipv4, syn, EMPTY, 0, 0);
    return;
  }
  yield target.attachment.delay * random.between(1, 1.3);
  const acknowledged = (sequence + 1) >>> 0;
  if (answer === 'closed') {
    wire.tcp(
      target.ipv4,
      scanner.ipv4,
      rawSegment(port, sourcePort, 0, acknowledged, TCP_RST | TCP_ACK, 0),
      EMPTY,
      0,
      0,
    );
    return;
  }
  const theirs = random.uint32();
  wire.tcp(
    target.ipv4,
    scanner.ipv4,
    rawSegment(port, sourcePort, theirs, acknowledged, TCP_SYN | TCP_ACK, 64_240),
    EMPTY,
    0,
    0,
  );
  yield scanner.attachment.delay * random.between(1, 1.2);
  wire.tcp(scanner.ipv4, target.ipv4, rawSegment(sourcePort, port, acknowledged, 0, TCP_RST, 0), EMPTY, 0, 0);
}

/** A segment without options, as tools that write packets themselves send it. */
export function rawSegment(
  sourcePort: number,
  destinationPort: number,
  sequence: number,
  acknowledgement: number,
  flags: number,
  window: number,
): TcpHeader {
  return {
    sourcePort,
    destinationPort,
    sequence,
    acknowledgement,
    flags,
    window,
    options: 'none',
    timestamp: 0,
    timestampEcho: 0,
  };
}
