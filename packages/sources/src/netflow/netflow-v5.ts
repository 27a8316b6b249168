import type { ExportedFlow } from './exported-flow.ts';
import { MalformedMessage } from './exported-flow.ts';
import type { MessageReader } from './message-reader.ts';
import { fromUptime } from './times.ts';

const HEADER_LENGTH = 24;
const RECORD_LENGTH = 48;
const MAX_RECORDS = 30;

/** What the header of a message says about it. */
export interface V5Header {
  /** Serial number of the first flow of the message. */
  readonly sequence: number;
  readonly count: number;
  readonly engine: number;
}

/** Reads a NetFlow version 5 message (Cisco: NetFlow Services Solutions Guide, table B-3 and B-4). */
export function readNetFlowV5(
  message: MessageReader,
  exporter: string,
  onFlow: (flow: ExportedFlow) => void,
): V5Header {
  const count = message.u16(2);
  if (count === 0 || count > MAX_RECORDS) throw new MalformedMessage(`a version 5 message claims ${count} records`);
  const uptime = message.u32(4);
  const now = BigInt(message.u32(8)) * 1_000_000_000n + BigInt(message.u32(12) % 1_000_000_000);
  const header = { sequence: message.u32(16), count, engine: message.u16(20) };
  // The upper two bits are the mode of sampling.
  const sampling = Math.max(1, message.u16(22) & 0x3fff);
  for (let at = HEADER_LENGTH, left = count; left > 0; at += RECORD_LENGTH, left--) {
    const start = fromUptime(now, uptime, message.u32(at + 24));
    const end = fromUptime(now, uptime, message.u32(at + 28));
    onFlow({
      format: 'netflow',
      exporter,
      exportedAt: now,
      start,
      end: end < start ? start : end,
      srcIp: message.ipv4(at),
      dstIp: message.ipv4(at + 4),
      srcPort: message.u16(at + 32),
      dstPort: message.u16(at + 34),
      protocol: message.u8(at + 38),
      packets: message.u32(at + 16),
      bytes: message.u32(at + 20),
      tcpFlags: message.u8(at + 37),
      reverse: undefined,
      sampling,
    });
  }
  return header;
}
