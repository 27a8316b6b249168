import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { edgeguard, scratch } from './edgeguard.ts';

describe('meter --arp', () => {
  it('writes the ARP messages of a capture, in which spoofing shows', async () => {
    const folder = scratch();
    const capture = join(folder, 'spoofing.pcap');
    const arp = join(folder, 'arp.jsonl');
    await edgeguard([
      'synth',
      '--output',
      capture,
      '--duration',
      '1200',
      '--hosts',
      '12',
      '--attack',
      'arp-spoofing@300+300',
    ]);
    const { code, stderr } = await edgeguard(['meter', capture, '--output', join(folder, 'flows.csv'), '--arp', arp]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const messages = readFileSync(arp, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(messages.filter(({ claim }) => claim === 'conflict').length).toBeGreaterThan(0);
    expect(messages[0]).toMatchObject({ capture, vlan: 0, previous_mac: '' });
  });

  it('refuses to mix flows and ARP messages on standard output', async () => {
    const { code, stderr } = await edgeguard(['meter', 'any.pcap', '--arp', '-']);
    expect({ code, lines: stderr.trimEnd().split('\n').length }).toEqual({ code: 2, lines: 1 });
  });
});
