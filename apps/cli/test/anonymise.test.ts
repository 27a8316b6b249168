import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { DatasetReader } from '@edgeguard/contracts/arrow';
import { arpSchema, ARP_NAME_COLUMNS, FLOW_NAME_COLUMNS, flowSchema } from '@edgeguard/metering';
import { synthesizeCapture } from '@edgeguard/sources';
import { zScoreDetector } from '../../../packages/runtime/test/z-score-detector.ts';
import { complaint, edgeguard, scratch } from './edgeguard.ts';

const folder = scratch();
const at = (name: string): string => join(folder, name);
const capture = at('spoof.pcap');
const detector = at('z.tflite');
const key = at('key');
/** Every address and name of the capture. */
let originals: Set<string>;
let fingerprints: string[];

beforeAll(async () => {
  writeFileSync(detector, await zScoreDetector());
  writeFileSync(key, '00112233445566778899aabbccddeeff'.repeat(2));
  const attacks = [
    { kind: 'port-scan', start: 60, duration: 10 },
    { kind: 'arp-spoofing', start: 60, duration: 30 },
  ];
  await synthesizeCapture({ seed: 31, durationSeconds: 120, snapLength: 2048, attacks }, capture);
  await done('meter', capture, '-o', at('flows.arrow'), '--arp', at('arp.arrow'));
  const flows = await columns('flows.arrow', [...FLOW_NAME_COLUMNS, 'ja4']);
  const messages = await columns('arp.arrow', ARP_NAME_COLUMNS);
  fingerprints = flows['ja4']!.filter((text) => text !== '');
  delete flows['ja4'];
  originals = new Set([...Object.values(flows), ...Object.values(messages)].flat().filter((text) => text !== ''));
});

async function done(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await edgeguard(args);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

async function columns(name: string, names: readonly string[]): Promise<Record<string, string[]>> {
  const reader = await DatasetReader.open(at(name));
  try {
    const found: Record<string, string[]> = Object.fromEntries(names.map((column) => [column, []]));
    for await (const batch of reader.batches()) {
      for (const column of names) found[column]!.push(...batch.strings(column));
    }
    return found;
  } finally {
    await reader.close();
  }
}

/** Originals that a text names as a whole: not as a part of another address or word. */
function leaks(text: string): string[] {
  const words = new Set(
    text
      .toLowerCase()
      .replaceAll('-', ':')
      .split(/[^\w.:-]+/)
      .flatMap((word) => [
        word,
        // `address:port`, and what ends a sentence.
        word.replace(/:\d+$/, ''),
        word.replace(/[.:]+$/, ''),
      ]),
  );
  return [...originals].filter((original) => words.has(original.toLowerCase().replaceAll('-', ':')));
}

describe('a capture with names, ARP and attacks', () => {
  it('has addresses, MAC addresses, names and fingerprints to hide', () => {
    const kinds = [/^\d+\.\d+\.\d+\.\d+$/, /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/, /^[a-z][a-z0-9-]*\.[a-z]/];
    for (const kind of kinds) expect([...originals].some((text) => kind.test(text))).toBe(true);
    expect(fingerprints.length).toBeGreaterThan(0);
  });

  it('the search would find an original', async () => {
    expect(leaks(await done('detect', detector, capture, '--each', '--threshold', '-1')).length).toBeGreaterThan(10);
  });

  it.each(['eve', 'ecs', 'ocsf', 'text'])('names none of them in alerts of the format %s', async (format) => {
    const every = ['--each', '--threshold', '-1', '--format', format];
    const text = await done('detect', detector, capture, ...every, '--anonymise', key);
    expect(leaks(text)).toEqual([]);
    // Flows with names, and the conflict of addresses, are among them.
    expect(text).toMatch(/address-conflict/);
    expect(text).toMatch(/x[0-9a-f]{10}\.x[0-9a-f]{10}/);
    // JA4 stays, where a format has it.
    expect(text.includes(fingerprints[0]!)).toBe(format !== 'text');
    const episodes = await done('detect', detector, capture, '--format', format, '--anonymise', key);
    expect(leaks(episodes)).toEqual([]);
  });

  it.each(['csv', 'jsonl', 'arrow'])('names none of them in flows and ARP messages as %s', async (format) => {
    const [flows, messages] = [`hidden.${format}`, `hidden-arp.${format}`];
    await done('meter', capture, '-o', at(flows), '--arp', at(messages), '--anonymise', key);
    for (const file of [flows, messages]) expect(leaks(readFileSync(at(file), 'latin1'))).toEqual([]);
    if (format !== 'arrow') return;
    const before = await columns('flows.arrow', ['src_ip', 'tunnel', 'end_reason', 'ja4']);
    const after = await columns(flows, ['src_ip', 'tunnel', 'end_reason', 'ja4']);
    const { src_ip: real, ...kept } = before;
    const { src_ip: hidden, ...same } = after;
    // What names nobody stays; a host keeps its pseudonym, and hosts of a network their common prefix.
    expect(same).toEqual(kept);
    expect(new Set(real!.map((address, row) => `${address} ${hidden![row]}`)).size).toBe(new Set(real).size);
    const networks = (addresses: readonly string[]) =>
      new Set(addresses.filter((a) => a.includes('.')).map((a) => a.split('.').slice(0, 3).join('.')));
    expect(networks(hidden!).size).toBe(networks(real!).size);
  });

  it('gives the same pseudonyms with a key, and others without', async () => {
    const told = (...more: string[]) => done('detect', detector, capture, '--anonymise', ...more);
    expect(await told(key)).toBe(await told(key));
    expect(await told('--format', 'eve')).not.toBe(await told('--format', 'eve'));
  });

  it('refuses a key that is none', async () => {
    expect(complaint(await edgeguard(['detect', detector, capture, '--anonymise', capture]))).toMatch(/openssl rand/);
  });
});

it('every column of text is either a name or stated to be none', () => {
  const none = new Set(['tunnel', 'record_age', 'end_reason', 'ja4', 'kind', 'claim']);
  const texts = [flowSchema(), arpSchema()].flatMap(({ columns: all }) => all.filter(({ type }) => type === 'utf8'));
  const names: readonly string[] = [...FLOW_NAME_COLUMNS, ...ARP_NAME_COLUMNS];
  expect(texts.map(({ name }) => name).filter((name) => !names.includes(name) && !none.has(name))).toEqual([]);
});
