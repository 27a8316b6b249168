import type { Step } from './engine/scheduler.ts';
import { addressesBetween } from './network/network.ts';
import { type Host, takePort } from './network/host.ts';
import type { Address } from './wire/address.ts';
import { type Content, EMPTY } from './wire/content.ts';
import { TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN, type TcpHeader } from './wire/frame-writer.ts';
import type { World } from './world.ts';

const CLIENT = 0;
const SERVER = 1;
type Side = typeof CLIENT | typeof SERVER;

/** Payload of a full segment with timestamps, by address family: what a 1500-byte packet holds. */
const SEGMENT = { 4: 1448, 6: 1428 } as const;
const INITIAL_WINDOW = 10;
const LARGEST_WINDOW = 64;
const FIRST_TIMEOUT = 1;
const SYN_ATTEMPTS = 4;
/** Smallest retransmission timeout of Linux, seconds. */
const SMALLEST_TIMEOUT = 0.2;

/** How the server takes a connection. */
export type Reception = 'accept' | 'refuse' | 'ignore';

/**
 * One TCP connection as a sensor between both sides sees it: handshake, transfers under a growing congestion window
 * with delayed acknowledgements, loss before or behind the sensor with fast retransmission or timeout, and the end by
 * FIN or RST. Every method that takes time is a step of a process.
 */
export class TcpConnection {
  readonly #world: World;
  readonly #hosts: readonly [Host, Host];
  readonly #addresses: readonly [Address, Address];
  readonly #ports: readonly [number, number];
  readonly #sequence: [number, number];
  /** Next sequence number that each side has acknowledged. */
  readonly #acknowledged: [number, number] = [0, 0];
  readonly #latestTimestamp: [number, number] = [0, 0];
  readonly #timestamps: boolean;
  readonly #header: TcpHeader;
  #window = INITIAL_WINDOW;

  constructor(
    world: World,
    client: Host,
    server: Host,
    serverPort: number,
    addresses = addressesBetween(client, server),
  ) {
    const { random } = world;
    this.#world = world;
    this.#hosts = [client, server];
    this.#addresses = addresses;
    this.#ports = [takePort(client), serverPort];
    this.#sequence = [random.uint32(), random.uint32()];
    this.#timestamps = client.tcpTimestamps && server.tcpTimestamps;
    this.#header = {
      sourcePort: 0,
      destinationPort: 0,
      sequence: 0,
      acknowledgement: 0,
      flags: 0,
      window: 0,
      options: 'none',
      timestamp: 0,
      timestampEcho: 0,
    };
  }

  /** Handshake. False when the server refused or never answered; then the connection is over. */
  *open(reception: Reception = 'accept'): Step<boolean> {
    let timeout = FIRST_TIMEOUT;
    for (let attempt = 1; ; attempt++) {
      this.#segment(CLIENT, TCP_SYN, this.#sequence[CLIENT], EMPTY, 0, 0);
      if (reception !== 'ignore' && !this.#isLost(SERVER)) break;
      if (attempt === SYN_ATTEMPTS) return false;
      yield timeout;
      timeout *= 2;
    }
    this.#advance(CLIENT, 1);
    this.#acknowledged[SERVER] = this.#sequence[CLIENT];
    yield this.#delay(SERVER);
    if (reception === 'refuse') {
      this.#segment(SERVER, TCP_RST | TCP_ACK, 0, EMPTY, 0, 0);
      return false;
    }
    this.#segment(SERVER, TCP_SYN | TCP_ACK, this.#sequence[SERVER], EMPTY, 0, 0);
    this.#advance(SERVER, 1);
    this.#acknowledged[CLIENT] = this.#sequence[SERVER];
    yield this.#delay(CLIENT);
    this.#acknowledge(CLIENT);
    return true;
  }

  /** The client sends a message and waits until all of it is acknowledged. */
  clientSends(content: Content): Step<void> {
    return this.#transfer(CLIENT, content);
  }

  /** The server sends a message and waits until all of it is acknowledged. */
  serverSends(content: Content): Step<void> {
    return this.#transfer(SERVER, content);
  }

  /** Orderly end, begun by one side. */
  *close(first: 'client' | 'server' = 'client'): Step<void> {
    const a: Side = first === 'client' ? CLIENT : SERVER;
    const b: Side = a === CLIENT ? SERVER : CLIENT;
    this.#finish(a);
    yield this.#delay(b);
    this.#acknowledged[b] = this.#sequence[a];
    if (this.#world.random.chance(0.3)) {
      this.#acknowledge(b);
      yield this.#world.random.between(0.0001, 0.02);
    }
    this.#finish(b);
    yield this.#delay(a);
    this.#acknowledged[a] = this.#sequence[b];
    this.#acknowledge(a);
  }

  /** One side breaks the connection off. */
  reset(by: 'client' | 'server'): void {
    const side: Side = by === 'client' ? CLIENT : SERVER;
    this.#segment(side, TCP_RST | TCP_ACK, this.#sequence[side], EMPTY, 0, 0);
  }

  /** A keep-alive probe of the client and its answer (RFC 9293, section 3.8.4). */
  *keepAlive(): Step<void> {
    this.#segment(CLIENT, TCP_ACK, (this.#sequence[CLIENT] - 1) >>> 0, EMPTY, 0, 0);
    yield this.#delay(SERVER);
    this.#acknowledge(SERVER);
  }

  *#transfer(from: Side, content: Content): Step<void> {
    const { random } = this.#world;
    const to: Side = from === CLIENT ? SERVER : CLIENT;
    const start = this.#sequence[from];
    const segment = SEGMENT[this.#addresses[from].family];
    const spacing = segment / Math.min(this.#hosts[from].attachment.bandwidth, this.#hosts[to].attachment.bandwidth);
    // Acknowledgements on their way: when the sensor sees them, and up to where they reach.
    const ackTimes: number[] = [];
    const ackOffsets: number[] = [];
    let sent = 0;
    let acknowledged = 0;
    let unacknowledgedSegments = 0;
    let nextData = this.#world.now;
    let hole = -1;
    let holeLength = 0;
    let duplicates = 0;
    let retransmitAt = Infinity;

    while (acknowledged < content.length) {
      const now = this.#world.now;
      const mayAct = sent < content.length && sent - acknowledged < this.#window * segment;
      const dataAt = mayAct ? Math.max(now, nextData) : Infinity;
      const ackAt = ackTimes.length > 0 ? ackTimes[0] : Infinity;
      const at = Math.min(dataAt, ackAt, retransmitAt);
      if (at > now) yield at - now;

      if (at === ackAt) {
        ackTimes.shift();
        const offset = ackOffsets.shift() ?? 0;
        if (hole >= 0 && offset <= hole && acknowledged === hole) duplicates++;
        acknowledged = Math.max(acknowledged, offset);
        this.#acknowledged[to] = (start + acknowledged) >>> 0;
        this.#acknowledge(to);
        if (this.#window < LARGEST_WINDOW) this.#window++;
        if (hole >= 0 && duplicates === 3) retransmitAt = Math.min(retransmitAt, at + this.#delay(from));
      } else if (at === retransmitAt) {
        this.#segment(from, TCP_ACK | TCP_PSH, (start + hole) >>> 0, content, hole, holeLength);
        this.#window = Math.max(2, this.#window >> 1);
        hole = -1;
        retransmitAt = Infinity;
        scheduleAck(ackTimes, ackOffsets, at + this.#delay(to), sent);
        unacknowledgedSegments = 0;
      } else {
        const length = Math.min(segment, content.length - sent);
        const last = sent + length === content.length;
        const lost = hole < 0 && this.#isLost(to, from);
        // Half of the last segments that get lost do so behind the sensor, which sees them twice; all others before it. (One that
        // was seen before others and came again within a round trip would be reordering to Wireshark, and overlap itself.)
        if (!lost || (random.chance(0.5) && last)) {
          this.#segment(from, last ? TCP_ACK | TCP_PSH : TCP_ACK, (start + sent) >>> 0, content, sent, length);
        }
        if (lost) {
          hole = sent;
          holeLength = length;
          duplicates = 0;
          retransmitAt = at + Math.max(SMALLEST_TIMEOUT, 2 * (this.#delay(from) + this.#delay(to)));
        }
        sent += length;
        nextData = at + spacing * random.between(0.8, 1.4);
        unacknowledgedSegments++;
        if (!lost && (last || hole >= 0 || unacknowledgedSegments >= 2)) {
          scheduleAck(ackTimes, ackOffsets, at + this.#delay(to), hole >= 0 ? hole : sent);
          unacknowledgedSegments = 0;
        }
      }
    }
    this.#advance(from, content.length);
  }

  #finish(side: Side): void {
    this.#segment(side, TCP_FIN | TCP_ACK, this.#sequence[side], EMPTY, 0, 0);
    this.#advance(side, 1);
  }

  #acknowledge(side: Side): void {
    this.#segment(side, TCP_ACK, this.#sequence[side], EMPTY, 0, 0);
  }

  #advance(side: Side, bytes: number): void {
    this.#sequence[side] = (this.#sequence[side] + bytes) >>> 0;
  }

  /** Seconds from the sensor to a side and back. */
  #delay(side: Side): number {
    const { delay, jitter } = this.#hosts[side].attachment;
    return delay * (1 + jitter * this.#world.random.unit());
  }

  #isLost(...sides: readonly Side[]): boolean {
    let loss = 0;
    for (const side of sides) loss += this.#hosts[side].attachment.loss;
    return this.#world.random.chance(loss);
  }

  #segment(side: Side, flags: number, sequence: number, content: Content, from: number, length: number): void {
    const other: Side = side === CLIENT ? SERVER : CLIENT;
    const host = this.#hosts[side];
    const header = this.#header;
    const isSyn = (flags & TCP_SYN) !== 0;
    header.sourcePort = this.#ports[side];
    header.destinationPort = this.#ports[other];
    header.sequence = sequence;
    header.acknowledgement = flags & TCP_ACK ? this.#acknowledged[side] : 0;
    header.flags = flags;
    if (flags & TCP_RST) {
      header.window = 0;
      header.options = 'none';
    } else {
      header.window = isSyn
        ? 64_240
        : host.window - (length === 0 ? this.#world.random.integer(0, host.window >> 4) : 0);
      header.options = this.#timestamps ? (isSyn ? 'syn with timestamps' : 'timestamps') : isSyn ? 'syn' : 'none';
      header.timestamp = (host.clockOffset + Math.floor(this.#world.now * 1000)) >>> 0;
      header.timestampEcho = flags & TCP_ACK ? this.#latestTimestamp[other] : 0;
      this.#latestTimestamp[side] = header.timestamp;
    }
    this.#world.wire.tcp(this.#addresses[side], this.#addresses[other], header, content, from, length);
  }
}

/** Keeps acknowledgements in the order of their times: a later one never overtakes an earlier one. */
function scheduleAck(times: number[], offsets: number[], at: number, offset: number): void {
  const last = times.length > 0 ? times[times.length - 1] : 0;
  times.push(Math.max(at, last));
  offsets.push(offset);
}
