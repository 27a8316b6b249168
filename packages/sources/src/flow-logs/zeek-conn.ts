import type { FlowLabel } from '../labels/label-matcher.ts';
import type { CoreFlow } from './core-flow.ts';
import { addressOf, countOf, parseObject, portOf, textOf } from './fields.ts';
import { type FlowLogParser, MalformedLine } from './flow-log-parser.ts';
import { protocolNumber } from './ip-protocols.ts';
import { nanosecondsOfDecimal, nanosecondsOfIso, nanosecondsOfNumber } from './timestamps.ts';

const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const ACK = 0x10;

const PACKED = '   ';

/** What each letter of Zeek's `history` says of TCP flags. Upper case is the originator's, lower case the responder's. */
const HISTORY_FLAGS: Readonly<Record<string, number>> = { s: SYN, h: SYN | ACK, a: ACK, d: ACK, f: FIN | ACK, r: RST };

/**
 * Zeek's conn.log, as tab-separated values with their header or as JSON lines, also with the columns `label` and
 * `detailedlabel` (or `detailed-label`) that labelled data sets append.
 */
export class ZeekConnParser implements FlowLogParser {
  #separator = '\t';
  #unset = '-';
  #empty = '(empty)';
  #fields: readonly string[] | undefined = undefined;
  /** Some labelled data sets (IoT-23) put the last columns into one, with three blanks between them. */
  #isLastPacked = false;

  parse(line: string): CoreFlow | undefined {
    if (line.startsWith('{')) return this.#flow(parseObject(line));
    if (line.startsWith('#')) {
      this.#readHeader(line);
      return undefined;
    }
    if (this.#fields === undefined) throw new MalformedLine('a row comes before the #fields line');
    const row: Record<string, string> = {};
    const cells = line.split(this.#separator);
    const values = this.#isLastPacked ? cells.flatMap(unpack) : cells;
    this.#fields.forEach((name, i) => {
      const value = values[i];
      if (value !== undefined && value !== this.#unset && value !== this.#empty) row[name] = value;
    });
    return this.#flow(row);
  }

  #readHeader(line: string): void {
    // The separator is written as \x09 and itself stands between a directive and its value, but for the first line.
    if (line.startsWith('#separator ')) {
      this.#separator = line
        .slice('#separator '.length)
        .replaceAll(/\\x([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
      return;
    }
    const [directive, ...values] = line.split(this.#separator);
    if (directive === '#fields') {
      this.#isLastPacked = values.at(-1)?.includes(PACKED) ?? false;
      this.#fields = this.#isLastPacked ? values.flatMap(unpack) : values;
    }
    if (directive === '#unset_field') this.#unset = values[0] ?? '-';
    else if (directive === '#empty_field') this.#empty = values[0] ?? '(empty)';
  }

  #flow(row: Record<string, unknown>): CoreFlow {
    const srcIp = addressOf(row['id.orig_h'], 'id.orig_h');
    const start = startOf(row['ts']);
    const history = textOf(row['history']);
    const protocol = protocolNumber(textOf(row['proto']), srcIp.includes(':'));
    const tellsFlags = protocol === 6 && history !== '';
    return {
      sensor: 'zeek',
      sensorId: textOf(row['uid']),
      start,
      end: start + durationOf(row['duration']),
      srcIp,
      dstIp: addressOf(row['id.resp_h'], 'id.resp_h'),
      srcPort: portOf(row['id.orig_p'], 'id.orig_p'),
      dstPort: portOf(row['id.resp_p'], 'id.resp_p'),
      protocol,
      forwardPackets: countOf(row['orig_pkts'], 'orig_pkts'),
      backwardPackets: countOf(row['resp_pkts'], 'resp_pkts'),
      forwardBytes: countOf(row['orig_ip_bytes'], 'orig_ip_bytes'),
      backwardBytes: countOf(row['resp_ip_bytes'], 'resp_ip_bytes'),
      forwardTcpFlags: tellsFlags ? flagsOf(history, (letter) => letter === letter.toUpperCase()) : undefined,
      backwardTcpFlags: tellsFlags ? flagsOf(history, (letter) => letter === letter.toLowerCase()) : undefined,
      service: textOf(row['service']),
      sampling: 1,
      label: labelOf(textOf(row['label']), textOf(row['detailedlabel'] ?? row['detailed-label'])),
    };
  }
}

/** The columns in the last cell of a row; every other cell is one. */
function unpack(cell: string, at: number, cells: readonly string[]): string[] {
  return at === cells.length - 1 ? cell.split(PACKED) : [cell];
}

function startOf(value: unknown): bigint {
  const start =
    typeof value === 'number'
      ? nanosecondsOfNumber(value)
      : (nanosecondsOfDecimal(textOf(value)) ?? nanosecondsOfIso(textOf(value)));
  if (start === undefined) throw new MalformedLine('ts is not a time');
  return start;
}

function durationOf(value: unknown): bigint {
  if (value === undefined) return 0n;
  const duration = typeof value === 'number' ? nanosecondsOfNumber(value) : nanosecondsOfDecimal(textOf(value));
  if (duration === undefined) throw new MalformedLine('duration is not a number of seconds');
  return duration;
}

function flagsOf(history: string, isWanted: (letter: string) => boolean): number {
  let flags = 0;
  for (const letter of history) {
    if (isWanted(letter)) flags |= HISTORY_FLAGS[letter.toLowerCase()] ?? 0;
  }
  return flags;
}

function labelOf(label: string, detail: string): FlowLabel | undefined {
  switch (label.toLowerCase()) {
    case '':
      return undefined;
    case 'benign':
    case 'normal':
      return { label: 'normal', attack: '' };
    case 'malicious':
      return { label: 'attack', attack: detail === '' ? 'malicious' : detail };
    default:
      return { label: 'unknown', attack: '' };
  }
}
