import type { DatasetSchema } from '@edgeguard/contracts';
import type { ColumnBatch } from '@edgeguard/contracts/arrow';
import type { ArpRecord, ArpSink } from './arp-record.ts';

const SCHEMA: DatasetSchema = {
  name: 'arp-messages',
  version: 1,
  columns: [
    { name: 'time', role: 'time', type: 'timestamp' },
    { name: 'vlan', role: 'identity', type: 'uint16' },
    { name: 'kind', role: 'ignore', type: 'utf8' },
    { name: 'claim', role: 'ignore', type: 'utf8' },
    { name: 'solicited', role: 'ignore', type: 'uint8' },
    { name: 'sender_mac', role: 'identity', type: 'utf8' },
    { name: 'sender_ip', role: 'identity', type: 'utf8' },
    { name: 'target_mac', role: 'identity', type: 'utf8' },
    { name: 'target_ip', role: 'identity', type: 'utf8' },
    { name: 'previous_mac', role: 'identity', type: 'utf8' },
    { name: 'previous_age', role: 'ignore', type: 'float64' },
    { name: 'changes', role: 'ignore', type: 'uint32' },
  ],
};

/** Columns that name a host. */
export const ARP_NAME_COLUMNS = ['sender_mac', 'sender_ip', 'target_mac', 'target_ip', 'previous_mac'] as const;

/** The dataset of ARP messages: one row each, none of it a model input. */
export function arpSchema(): DatasetSchema {
  return SCHEMA;
}

/** Collects ARP records and hands over each batch that is full, and the rest when told to. */
export class ArpBatcher implements ArpSink {
  readonly #capacity: number;
  readonly #take: (batch: ColumnBatch) => void;
  #rows: ArpRecord[] = [];

  constructor(capacity: number, take: (batch: ColumnBatch) => void) {
    this.#capacity = capacity;
    this.#take = take;
  }

  arp(record: ArpRecord): void {
    this.#rows.push({ ...record });
    if (this.#rows.length === this.#capacity) this.flush();
  }

  flush(): void {
    const rows = this.#rows;
    if (rows.length === 0) return;
    this.#rows = [];
    this.#take({
      length: rows.length,
      columns: {
        time: BigInt64Array.from(rows, (r) => BigInt(r.timeSeconds) * 1_000_000_000n + BigInt(r.timeNanoseconds)),
        vlan: Uint16Array.from(rows, (r) => r.vlan),
        kind: rows.map((r) => r.kind),
        claim: rows.map((r) => r.claim),
        solicited: Uint8Array.from(rows, (r) => (r.solicited ? 1 : 0)),
        sender_mac: rows.map((r) => r.senderMac),
        sender_ip: rows.map((r) => r.senderIp),
        target_mac: rows.map((r) => r.targetMac),
        target_ip: rows.map((r) => r.targetIp),
        previous_mac: rows.map((r) => r.previousMac),
        previous_age: Float64Array.from(rows, (r) => r.previousAge),
        changes: Uint32Array.from(rows, (r) => r.changes),
      },
    });
  }
}
