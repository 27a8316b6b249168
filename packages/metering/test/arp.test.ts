import { describe, expect, it } from 'vitest';
import { type ArpRecord, FRESH_CLAIM_SECONDS, FlowMeter } from '../src/index.ts';
import { ethernet, vlanTag } from './support/packets.ts';

const REQUEST = 1;
const REPLY = 2;
const ROUTER = [2, 0, 0, 0, 0, 0xfe];
const HOST = [2, 0, 0, 0, 0, 0x10];
const ATTACKER = [2, 0, 0, 0, 0, 0x66];
const NOBODY = [0, 0, 0, 0, 0, 0];

function ip(text: string): number[] {
  return text.split('.').map(Number);
}

function message(operation: number, mac: number[], from: string, toMac: number[], to: string): number[] {
  return [0, 1, 8, 0, 6, 4, 0, operation, ...mac, ...ip(from), ...toMac, ...ip(to)];
}

/** A meter that keeps its ARP records. */
class Network {
  readonly records: ArpRecord[] = [];
  readonly meter = new FlowMeter(
    { maxFlows: 16, maxHosts: 65_536, features: false },
    { record() {} },
    { arp: (record) => this.records.push({ ...record }) },
  );

  frame(seconds: number, bytes: readonly number[]): void {
    const frame = Uint8Array.from(bytes);
    this.meter.packet(1, seconds, 0, frame, 0, frame.length, frame.length);
  }

  arp(seconds: number, ...fields: Parameters<typeof message>): ArpRecord | undefined {
    this.frame(seconds, ethernet(0x0806, message(...fields)));
    return this.records.at(-1);
  }
}

describe('ARP messages', () => {
  it('are told apart: request, reply, probe, announcement', () => {
    const network = new Network();
    network.arp(0, REQUEST, HOST, '10.0.0.16', NOBODY, '10.0.0.1');
    network.arp(1, REPLY, ROUTER, '10.0.0.1', HOST, '10.0.0.16');
    network.arp(2, REQUEST, HOST, '0.0.0.0', NOBODY, '10.0.0.20');
    network.arp(3, REQUEST, HOST, '10.0.0.20', NOBODY, '10.0.0.20');
    expect(network.records.map(({ kind, claim }) => [kind, claim])).toEqual([
      ['request', 'new'],
      ['reply', 'new'],
      ['probe', 'none'],
      ['announcement', 'new'],
    ]);
    expect(network.records[1]).toMatchObject({
      senderMac: '02:00:00:00:00:fe',
      senderIp: '10.0.0.1',
      targetMac: '02:00:00:00:00:10',
      targetIp: '10.0.0.16',
      solicited: true,
    });
  });

  it('of a second claimant are a conflict, each time that the address changes hands', () => {
    const network = new Network();
    network.arp(0, REPLY, ROUTER, '10.0.0.1', HOST, '10.0.0.16');
    expect(network.arp(5, REPLY, ATTACKER, '10.0.0.1', HOST, '10.0.0.16')).toMatchObject({
      claim: 'conflict',
      previousMac: '02:00:00:00:00:fe',
      previousAge: 5,
      changes: 1,
    });
    expect(network.arp(6, REPLY, ATTACKER, '10.0.0.1', HOST, '10.0.0.16')).toMatchObject({ claim: 'same', changes: 1 });
    expect(network.arp(7, REPLY, ROUTER, '10.0.0.1', HOST, '10.0.0.16')).toMatchObject({
      claim: 'conflict',
      changes: 2,
    });
    expect(network.meter.arpStatistics()).toMatchObject({ messages: 4, conflicts: 2 });
  });

  it('of a second claimant after a long silence of the first only move the address', () => {
    const network = new Network();
    network.arp(0, REQUEST, HOST, '10.0.0.16', NOBODY, '10.0.0.1');
    const late = network.arp(FRESH_CLAIM_SECONDS + 1, REQUEST, ATTACKER, '10.0.0.16', NOBODY, '10.0.0.1');
    expect(late?.claim).toBe('moved');
  });

  it('that answer are solicited only where the receiver asked in the ten seconds before', () => {
    const network = new Network();
    expect(network.arp(0, REPLY, ROUTER, '10.0.0.1', HOST, '10.0.0.16')?.solicited).toBe(false);
    network.arp(1, REQUEST, HOST, '10.0.0.16', NOBODY, '10.0.0.1');
    expect(network.arp(2, REPLY, ROUTER, '10.0.0.1', HOST, '10.0.0.16')?.solicited).toBe(true);
    expect(network.arp(3, REPLY, ROUTER, '10.0.0.1', ATTACKER, '10.0.0.66')?.solicited).toBe(false);
    expect(network.arp(12, REPLY, ROUTER, '10.0.0.1', HOST, '10.0.0.16')?.solicited).toBe(false);
  });

  it('of different VLANs do not meet', () => {
    const network = new Network();
    const claim = (vlan: number, mac: number[]) =>
      network.frame(0, ethernet(0x8100, vlanTag(vlan, 0x0806, message(REPLY, mac, '10.0.0.1', HOST, '10.0.0.16'))));
    claim(7, ROUTER);
    claim(8, ATTACKER);
    expect(network.records.map(({ vlan, claim }) => [vlan, claim])).toEqual([
      [7, 'new'],
      [8, 'new'],
    ]);
  });

  it('that are cut or speak of other addresses are counted and tell nothing', () => {
    const network = new Network();
    const whole = message(REPLY, ROUTER, '10.0.0.1', HOST, '10.0.0.16');
    for (let length = 0; length < whole.length; length++) network.frame(0, ethernet(0x0806, whole.slice(0, length)));
    network.frame(0, ethernet(0x0806, whole.with(4, 8)));
    network.frame(0, ethernet(0x0806, whole.with(3, 6)));
    network.frame(0, ethernet(0x0806, whole.with(7, 3)));
    expect(network.records).toEqual([]);
    expect(network.meter.arpStatistics()?.malformed).toBe(whole.length + 3);
    expect(network.meter.statistics().skipped).toEqual({ arp: whole.length + 3 });
  });

  it('are remembered for a bounded number of addresses, the least recently claimed makes room', () => {
    const network = new Network();
    network.arp(0, REPLY, ROUTER, '10.0.0.1', HOST, '10.0.0.16');
    for (let k = 0; k < 20_000; k++) {
      network.arp(1, REQUEST, HOST, `172.16.${k >> 8}.${k & 0xff}`, NOBODY, `172.17.${k >> 8}.${k & 0xff}`);
    }
    const { evictedClaims, evictedRequests } = network.meter.arpStatistics()!;
    expect(evictedClaims).toBe(20_001 - 16_384);
    expect(evictedRequests).toBe(20_000 - 4096);
    expect(network.arp(2, REPLY, ATTACKER, '10.0.0.1', HOST, '10.0.0.16')?.claim).toBe('new');
  });
});
