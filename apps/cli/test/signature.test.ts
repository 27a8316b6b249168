import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { synthesizeCapture } from '@edgeguard/sources';
import { minisign, whyNoMinisign } from '../../../packages/detection/test/signature/minisign.ts';
import { zScoreDetector } from '../../../packages/runtime/test/z-score-detector.ts';
import { complaint, edgeguard, scratch } from './edgeguard.ts';

const folder = scratch();
const at = (name: string): string => join(folder, name);
const detector = at('z.tflite');
const capture = at('calm.pcap');
let publicKey: string;

/** Runs the command in the test's folder and returns what it printed. */
async function succeed(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await edgeguard(args, { cwd: folder });
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

async function refuse(...args: readonly string[]): Promise<string> {
  return complaint(await edgeguard(args, { cwd: folder }));
}

beforeAll(async () => {
  writeFileSync(detector, await zScoreDetector());
  await synthesizeCapture({ seed: 4, durationSeconds: 20, attacks: 'none' }, capture);
  publicKey = (await succeed('keygen')).trim();
  await succeed('keygen', '-s', 'other.key', '-p', 'other.pub');
});

describe('keygen, sign and verify', () => {
  it('make keys, a signature beside the file, and its comment', async () => {
    expect(statSync(at('edgeguard.key')).mode & 0o077).toBe(0);
    expect(readFileSync(at('edgeguard.pub'), 'utf8')).toContain(publicKey);
    writeFileSync(at('a.tflite'), 'a');
    expect(await succeed('sign', 'a.tflite', '-t', 'release 3')).toBe('a.tflite.minisig\n');
    expect(await succeed('verify', 'a.tflite')).toBe('release 3\n');
  });

  it('refuse in one line', async () => {
    expect(await refuse('keygen')).toMatch(/edgeguard\.key: something else of that name is in the way/);
    expect(await refuse('sign', 'calm.pcap', '-s', 'edgeguard.pub')).toMatch(/secret key is not base64/);
    writeFileSync(at('b.tflite'), 'b');
    await succeed('sign', 'b.tflite');
    writeFileSync(at('b.tflite'), 'c');
    expect(await refuse('verify', 'b.tflite', '-p', publicKey)).toMatch(
      /b\.tflite: its signature does not match; do not use it/,
    );
  });

  const why = whyNoMinisign();
  it.skipIf(why)(`go both ways with the program minisign${why}`, async () => {
    writeFileSync(at('c.tflite'), 'c');
    await succeed('sign', 'c.tflite', '-t', 'ours');
    expect(minisign('-V', '-p', at('edgeguard.pub'), '-m', at('c.tflite'))).toContain('Trusted comment: ours');
    minisign('-S', '-s', at('edgeguard.key'), '-m', at('c.tflite'), '-t', 'theirs');
    expect(await succeed('verify', 'c.tflite')).toBe('theirs\n');
  });
});

describe('detect --require-signature', () => {
  it('runs a detector only with a signature of that key, given as a file or itself', async () => {
    expect(await refuse('detect', 'z.tflite', 'calm.pcap', '--require-signature', publicKey)).toMatch(
      /z\.tflite\.minisig: no such file/,
    );
    await succeed('sign', 'z.tflite', '-s', 'other.key');
    expect(await refuse('detect', 'z.tflite', 'calm.pcap', '--require-signature', 'edgeguard.pub')).toMatch(
      /z\.tflite: it is signed with the key/,
    );
    await succeed('sign', 'z.tflite');
    const alerts = await succeed('detect', 'z.tflite', 'calm.pcap');
    expect(await succeed('detect', 'z.tflite', 'calm.pcap', '--require-signature', publicKey)).toBe(alerts);
  });
});
