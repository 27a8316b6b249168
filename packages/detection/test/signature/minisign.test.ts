import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  createSecretKey,
  formatPublicKey,
  formatSecretKey,
  parsePublicKey,
  publicKeyText,
  readPublicKey,
  readSecretKey,
  signFile,
  verifyFile,
  writeKeyPair,
} from '../../src/index.ts';
import { minisign, whyNoMinisign } from './minisign.ts';

const why = whyNoMinisign();

describe.skipIf(why)(`with the program minisign${why}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'edgeguard-minisign-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const at = (name: string): string => join(folder, name);

  const file = at('detector.tflite');
  writeFileSync(
    file,
    Uint8Array.from({ length: 100_000 }, (_, i) => i * 7),
  );

  it('makes keys that minisign signs and verifies with', async () => {
    const key = await writeKeyPair(at('ours.key'), at('ours.pub'));
    minisign('-S', '-s', at('ours.key'), '-m', file, '-x', at('by-minisign'), '-t', 'released');
    expect(minisign('-V', '-P', publicKeyText(key), '-m', file, '-x', at('by-minisign'))).toContain('released');
    expect(await verifyFile(file, key, { signaturePath: at('by-minisign') })).toBe('released');
    minisign('-R', '-s', at('ours.key'), '-p', at('again.pub'));
    expect(readFileSync(at('again.pub'), 'utf8')).toBe(readFileSync(at('ours.pub'), 'utf8'));
  });

  it('prints the number of a key as minisign does, which leaves leading zeros out', async () => {
    const pair = createSecretKey();
    const id = Uint8Array.of(0x9b, 0xb4, 0x65, 0x33, 0xef, 0x80, 0x0d, 0);
    writeFileSync(at('zeros.key'), formatSecretKey({ ...pair, id }));
    minisign('-R', '-s', at('zeros.key'), '-p', at('zeros.pub'));
    expect(readFileSync(at('zeros.pub'), 'utf8')).toBe(formatPublicKey({ ...pair, id }));
    expect(formatPublicKey({ ...pair, id })).toContain(' D80EF3365B49B\n');
  });

  it('reads and writes keys of minisign', async () => {
    minisign('-G', '-W', '-s', at('theirs.key'), '-p', at('theirs.pub'));
    const secret = await readSecretKey(at('theirs.key'));
    const lines = (text: string): string | undefined => text.split('\n')[1];
    expect(lines(formatSecretKey(secret))).toBe(lines(readFileSync(at('theirs.key'), 'utf8')));
    expect(formatPublicKey(secret)).toBe(readFileSync(at('theirs.pub'), 'utf8'));
    expect(await readPublicKey(at('theirs.pub'))).toEqual(parsePublicKey('text', publicKeyText(secret)));
  });

  it('makes signatures that minisign verifies, and that are the same bytes each time', async () => {
    minisign('-G', '-f', '-W', '-s', at('sign.key'), '-p', at('sign.pub'));
    const secret = await readSecretKey(at('sign.key'));
    const path = await signFile(file, secret, { trustedComment: 'schwellenwert µ 1 %' });
    expect(path).toBe(`${file}.minisig`);
    const text = readFileSync(path, 'utf8');
    expect(minisign('-V', '-p', at('sign.pub'), '-m', file)).toContain('Trusted comment: schwellenwert µ 1 %');
    minisign('-S', '-s', at('sign.key'), '-m', file, '-x', at('same'), '-t', 'schwellenwert µ 1 %');
    expect(text.split('\n').slice(1)).toEqual(readFileSync(at('same'), 'utf8').split('\n').slice(1));
    await signFile(file, secret, { trustedComment: 'schwellenwert µ 1 %' });
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it.each([
    ['prehashed', '-H'],
    ['legacy', '-l'],
  ])('verifies a %s signature of minisign', async (_, flag) => {
    minisign('-G', '-f', '-W', '-s', at('k.key'), '-p', at('k.pub'));
    minisign('-S', flag, '-s', at('k.key'), '-m', file, '-x', at('sig'));
    expect(await verifyFile(file, await readPublicKey(at('k.pub')), { signaturePath: at('sig') })).toMatch(
      /^timestamp:\d+\tfile:detector\.tflite/,
    );
    const changed = readFileSync(file);
    changed[500]! ^= 1;
    await expect(
      verifyFile(file, await readPublicKey(at('k.pub')), { signaturePath: at('sig'), content: changed }),
    ).rejects.toThrow('its signature does not match');
  });
});
