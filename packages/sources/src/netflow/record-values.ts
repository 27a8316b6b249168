import type { ExportedFlow } from './exported-flow.ts';
import type { MessageReader } from './message-reader.ts';
import { type FieldPlace, REVERSE } from './template.ts';
import { fromMicroseconds, fromMilliseconds, fromNtp, fromSeconds, fromUptime } from './times.ts';

// Information elements (IANA registry IPFIX; numbers below 128 are those of NetFlow 9)
const OCTETS = 1;
const PACKETS = 2;
const PROTOCOL = 4;
const TCP_FLAGS = 6;
const SOURCE_PORT = 7;
const SOURCE_IPV4 = 8;
const DESTINATION_PORT = 11;
const DESTINATION_IPV4 = 12;
const END_UPTIME = 21;
const START_UPTIME = 22;
const SOURCE_IPV6 = 27;
const DESTINATION_IPV6 = 28;
const SAMPLING_INTERVAL = 34;
const SAMPLER = 48;
const SAMPLER_INTERVAL = 50;
const TOTAL_OCTETS = 85;
const TOTAL_PACKETS = 86;
const START_SECONDS = 150;
const START_MILLISECONDS = 152;
const START_MICROSECONDS = 154;
const START_NANOSECONDS = 156;
const START_DELTA_MICROSECONDS = 158;
const SYSTEM_INIT_MILLISECONDS = 160;
const DURATION_MILLISECONDS = 161;
const SELECTOR = 302;
const SAMPLING_PACKET_INTERVAL = 305;
const SAMPLING_PACKET_SPACE = 306;
const SAMPLING_SIZE = 309;
const SAMPLING_POPULATION = 310;

/** What the message and the exporter say about time. */
export interface ExportClock {
  /** When the message was sent, nanoseconds since the Unix epoch. */
  readonly now: bigint;
  /** Milliseconds that the exporter was up then; undefined where messages do not tell (IPFIX). */
  readonly uptime: number | undefined;
  /** When the exporter's uptime was 0, milliseconds since the epoch, where an options record told. */
  readonly systemInit: number | undefined;
}

/** The flow that the fields of a record describe; undefined when they describe no flow between two addresses. */
export function flowOf(
  message: MessageReader,
  places: ReadonlyMap<number, FieldPlace>,
  clock: ExportClock,
  format: 'netflow' | 'ipfix',
  exporter: string,
  sampling: number,
): ExportedFlow | undefined {
  const srcIp = addressAt(message, places, SOURCE_IPV4, SOURCE_IPV6);
  const dstIp = addressAt(message, places, DESTINATION_IPV4, DESTINATION_IPV6);
  if (srcIp === undefined || dstIp === undefined) return undefined;
  const value = (element: number) => numberAt(message, places, element);
  const init = value(SYSTEM_INIT_MILLISECONDS) ?? clock.systemInit;
  const first = timeAt(message, places, 0, clock, init);
  const last = timeAt(message, places, 1, clock, init);
  const duration = value(DURATION_MILLISECONDS);
  const start = first ?? last ?? clock.now;
  const end = last ?? (duration === undefined ? start : start + fromMilliseconds(duration));
  const reversePackets = value(PACKETS + REVERSE) ?? value(TOTAL_PACKETS + REVERSE);
  return {
    format,
    exporter,
    exportedAt: clock.now,
    start,
    end: end < start ? start : end,
    srcIp,
    dstIp,
    srcPort: value(SOURCE_PORT) ?? 0,
    dstPort: value(DESTINATION_PORT) ?? 0,
    protocol: value(PROTOCOL) ?? 0,
    packets: value(PACKETS) ?? value(TOTAL_PACKETS) ?? 0,
    bytes: value(OCTETS) ?? value(TOTAL_OCTETS) ?? 0,
    tcpFlags: flagsAt(value(TCP_FLAGS)),
    reverse:
      reversePackets === undefined
        ? undefined
        : {
            packets: reversePackets,
            bytes: value(OCTETS + REVERSE) ?? value(TOTAL_OCTETS + REVERSE) ?? 0,
            tcpFlags: flagsAt(value(TCP_FLAGS + REVERSE)),
          },
    sampling,
  };
}

/** What a record says about sampling: one of so many packets; undefined when it says nothing. */
export function samplingOf(message: MessageReader, places: ReadonlyMap<number, FieldPlace>): number | undefined {
  const interval = numberAt(message, places, SAMPLING_INTERVAL) ?? numberAt(message, places, SAMPLER_INTERVAL);
  if (interval !== undefined) return Math.max(1, interval);
  // PSAMP: so many packets are taken, then so many are left out (RFC 5477).
  const taken = numberAt(message, places, SAMPLING_PACKET_INTERVAL);
  const leftOut = numberAt(message, places, SAMPLING_PACKET_SPACE);
  if (taken !== undefined && leftOut !== undefined && taken > 0) return 1 + leftOut / taken;
  // Or so many, at random, of each so many.
  const size = numberAt(message, places, SAMPLING_SIZE);
  const population = numberAt(message, places, SAMPLING_POPULATION);
  return size === undefined || population === undefined || size === 0 ? undefined : Math.max(1, population / size);
}

/** Which of an exporter's samplers a record is about; undefined when it does not say. */
export function samplerOf(message: MessageReader, places: ReadonlyMap<number, FieldPlace>): number | undefined {
  return numberAt(message, places, SELECTOR) ?? numberAt(message, places, SAMPLER);
}

/** When the exporter says it was started, milliseconds since the epoch. */
export function systemInitOf(message: MessageReader, places: ReadonlyMap<number, FieldPlace>): number | undefined {
  return numberAt(message, places, SYSTEM_INIT_MILLISECONDS);
}

function numberAt(
  message: MessageReader,
  places: ReadonlyMap<number, FieldPlace>,
  element: number,
): number | undefined {
  const place = places.get(element);
  return place === undefined || place.length > 8 ? undefined : message.unsigned(place.at, place.length);
}

function flagsAt(flags: number | undefined): number | undefined {
  return flags === undefined ? undefined : flags & 0xff;
}

function addressAt(
  message: MessageReader,
  places: ReadonlyMap<number, FieldPlace>,
  ipv4: number,
  ipv6: number,
): string | undefined {
  const four = places.get(ipv4);
  const six = places.get(ipv6);
  // Some exporters fill in both, the one that does not apply with zeros.
  if (six?.length === 16 && (four === undefined || message.unsigned(four.at, four.length) === 0))
    return message.ipv6(six.at);
  return four?.length === 4 ? message.ipv4(four.at) : undefined;
}

/** Start (`which` 0) or end (1) of the flow: the elements come in pairs. */
function timeAt(
  message: MessageReader,
  places: ReadonlyMap<number, FieldPlace>,
  which: 0 | 1,
  clock: ExportClock,
  systemInit: number | undefined,
): bigint | undefined {
  const value = (element: number) => numberAt(message, places, element);
  const ntp = places.get(START_NANOSECONDS + which) ?? places.get(START_MICROSECONDS + which);
  if (ntp?.length === 8) return fromNtp(message.u32(ntp.at), message.u32(ntp.at + 4));
  const milliseconds = value(START_MILLISECONDS + which);
  if (milliseconds !== undefined) return fromMilliseconds(milliseconds);
  const ago = value(START_DELTA_MICROSECONDS + which);
  if (ago !== undefined) return clock.now - fromMicroseconds(ago);
  const uptime = value(which === 0 ? START_UPTIME : END_UPTIME);
  if (uptime !== undefined && clock.uptime !== undefined) return fromUptime(clock.now, clock.uptime, uptime);
  if (uptime !== undefined && systemInit !== undefined) return fromMilliseconds(systemInit + uptime);
  const seconds = value(START_SECONDS + which);
  return seconds === undefined ? undefined : fromSeconds(seconds);
}
