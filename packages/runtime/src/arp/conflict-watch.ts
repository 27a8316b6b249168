import type { ArpRecord, ArpSink } from '@edgeguard/metering';
import type { AddressConflict } from './address-conflict.ts';

/** Traffic time in seconds for which the conflict of an address is not told again: a spoofer claims every few seconds. */
export const QUIET_SECONDS = 600;
/** Addresses whose latest alert is remembered; the one told of first makes room. */
const REMEMBERED = 4096;

/** Turns ARP records into alerts of address conflicts: one per address and ten minutes. */
export class ConflictWatch implements ArpSink {
  /** Claims of an address by another MAC address, told of or not. */
  conflicts = 0;
  /** Alerts. */
  told = 0;
  readonly #pass: (conflict: AddressConflict) => void;
  readonly #interface: string | undefined;
  /** Seconds of the latest alert by VLAN and address, the oldest first. */
  #latest = new Map<string, number>();

  constructor(pass: (conflict: AddressConflict) => void, interfaceName?: string) {
    this.#pass = pass;
    this.#interface = interfaceName;
  }

  arp(record: ArpRecord): void {
    if (record.claim !== 'conflict') return;
    this.conflicts++;
    const key = `${record.vlan} ${record.senderIp}`;
    const latest = this.#latest.get(key);
    if (latest !== undefined && Math.abs(record.timeSeconds - latest) < QUIET_SECONDS) return;
    this.#latest.delete(key);
    if (this.#latest.size >= REMEMBERED) this.#latest.delete(this.#latest.keys().next().value!);
    this.#latest.set(key, record.timeSeconds);
    this.told++;
    this.#pass({
      time: BigInt(record.timeSeconds) * 1_000_000_000n + BigInt(record.timeNanoseconds),
      ...(record.vlan === 0 ? {} : { vlan: record.vlan }),
      address: record.senderIp,
      mac: record.senderMac,
      previousMac: record.previousMac,
      previousAge: record.previousAge,
      target: { address: record.targetIp, mac: record.targetMac },
      message: record.kind,
      solicited: record.solicited,
      changes: record.changes,
      ...(this.#interface === undefined ? {} : { interface: this.#interface }),
    });
  }

  /** Another stream of traffic begins. */
  forget(): void {
    this.#latest = new Map();
  }
}
