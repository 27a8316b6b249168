import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '@edgeguard/contracts';
import {
  createSecretKey,
  formatPublicKey,
  formatSecretKey,
  openDetector,
  parsePublicKey,
  parseSecretKey,
  parseSignature,
  publicKeyText,
  readPublicKey,
  readSecretKey,
  signContent,
  signFile,
  verifyFile,
  verifySignature,
  writeKeyPair,
} from '../../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'edgeguard-signature-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

const KEY = createSecretKey();
const CONTENT = new TextEncoder().encode('a detector');
const SIGNATURE = Buffer.from(signContent(CONTENT, KEY, 'release 3'));

/** Verifies as a reader of untrusted files does. */
function accept(content: Uint8Array, signature: Uint8Array, key = KEY): string {
  const parsed = parseSignature('sig', signature);
  verifySignature('file', content, parsed, key);
  return parsed.trustedComment;
}

function edit(text: string, line: number, change: (line: string) => string): Buffer {
  return Buffer.from(
    text
      .split('\n')
      .map((old, i) => (i === line ? change(old) : old))
      .join('\n'),
  );
}

// A pair of the program minisign 0.11 and its signatures of the bytes "hi\n".
const KNOWN = {
  publicKey: 'RWS0FNZ6F10NvOkxN4laiyclJjgo7whgpYEn4MdmwYryDihDmLUt/sD0',
  prehashed: `untrusted comment: signature from minisign secret key
RUS0FNZ6F10NvJoP80buHJHdtSL0QngffcH+1IdHedN/2zzOKKUMmbJe8nuw6jHUpL2Cn9K8XXNOjLi8BapJjNinp9aZPAORigk=
trusted comment: trusted c
ufMEAsQ9/zSrzGhCrQdCPwZhKVLsu73gWbHCUWtRnkv18BKODD0eElZfH3fYPiqjfTpc5GW1xy5VlN1pTuoXBg==
`,
  legacy: `untrusted comment: signature from minisign secret key
RWS0FNZ6F10NvOZ3F3f9tFpFlF3J1c8pcMiO5ztOGJDo91mYymnGoJzfXIIzKukHTlfZ9dkZ0jDv+eSyY7hQZtIH8DxhISed9go=
trusted comment: timestamp:1795346866	file:f
mVCjVSNx+5bUWsDhR89rdzg7LffTfWl5eAh1EUBYOXnt6WskxhRZSDoN7v8vxJ+mv2xtX2A1EFn/682tVq3JDw==
`,
};

describe('verifying', () => {
  it('accepts what was signed, with its comment', () => {
    expect(accept(CONTENT, SIGNATURE)).toBe('release 3');
    expect(accept(CONTENT, Buffer.from(SIGNATURE.toString().replaceAll('\n', '\r\n')))).toBe('release 3');
    expect(accept(new Uint8Array(0), Buffer.from(signContent(new Uint8Array(0), KEY, '')))).toBe('');
  });

  it('accepts known signatures of minisign, prehashed and legacy', () => {
    const key = parsePublicKey('known', KNOWN.publicKey);
    const content = Buffer.from('hi\n');
    for (const [kind, text] of Object.entries({ prehashed: KNOWN.prehashed, legacy: KNOWN.legacy })) {
      const signature = parseSignature('known', Buffer.from(text));
      expect(signature.prehashed).toBe(kind === 'prehashed');
      verifySignature('f', content, signature, key);
      expect(() => verifySignature('f', Buffer.from('ho\n'), signature, key)).toThrow('does not match');
      // The other algorithm over the same bytes is another signature.
      const swapped = { ...signature, prehashed: !signature.prehashed };
      expect(() => verifySignature('f', content, swapped, key)).toThrow('does not match');
    }
  });

  it('notices every flipped bit of content and every flipped bit of the signed lines', () => {
    for (let bit = 0; bit < CONTENT.length * 8; bit++) {
      const changed = CONTENT.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => accept(changed, SIGNATURE)).toThrow('file: its signature does not match');
    }
    const signed = SIGNATURE.indexOf('\n') + 1;
    for (let bit = signed * 8; bit < SIGNATURE.length * 8; bit++) {
      const changed = Buffer.from(SIGNATURE);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => accept(CONTENT, changed), `bit ${bit}`).toThrow(UserError);
    }
  });

  it('says which key signed', () => {
    const other = createSecretKey();
    expect(() => accept(CONTENT, SIGNATURE, other)).toThrow(/signed with the key [0-9A-F]+, not with [0-9A-F]+/);
    expect(() => accept(CONTENT, SIGNATURE, { ...other, id: KEY.id })).toThrow('its signature does not match');
  });

  it('notices a comment that was changed, or taken from another signature', () => {
    const text = SIGNATURE.toString();
    expect(() =>
      accept(
        CONTENT,
        edit(text, 2, () => 'trusted comment: release 4'),
      ),
    ).toThrow('comment of its signature');
    const other = signContent(Buffer.from('b'), KEY, 'other').split('\n');
    const mixed = edit(text, 2, () => other[2]!).toString();
    expect(() =>
      accept(
        CONTENT,
        edit(mixed, 3, () => other[3]!),
      ),
    ).toThrow('comment of its signature was changed');
  });
});

describe('reading untrusted files', () => {
  const text = SIGNATURE.toString();

  it.each<[string, Uint8Array, RegExp]>([
    ['an empty file', Buffer.alloc(0), /it is not a signature/],
    ['a line too many', Buffer.from(`${text}x\n`), /it is not a signature/],
    ['no comment', edit(text, 0, () => 'hello'), /does not begin with "untrusted comment:"/],
    ['no trusted comment', edit(text, 2, () => 'comment: x'), /does not begin with "trusted comment:"/],
    ['base64 with a gap', edit(text, 1, (line) => ` ${line}`), /signature is not base64 of 74 bytes/],
    ['base64 without padding', edit(text, 3, (line) => line.slice(0, -1)), /global signature is not base64/],
    ['a short signature', edit(text, 1, (line) => line.slice(0, -4)), /not base64 of 74 bytes/],
    ['an unknown algorithm', edit(text, 1, (line) => `RV${line.slice(2)}`), /unknown algorithm/],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x0a]), /not text in UTF-8/],
    ['a comment that steers a terminal', edit(text, 2, () => 'trusted comment: \u001b[2Jok'), /control characters/],
  ])('%s is no signature', (_, bytes, message) => {
    expect(() => parseSignature('d.minisig', bytes)).toThrow(message);
    expect(() => parseSignature('d.minisig', bytes)).toThrow(/^d\.minisig: /);
  });

  it.each<[string, string, RegExp]>([
    ['nothing', '', /is not base64|it is not a key/],
    ['a secret key', formatSecretKey(KEY), /not base64 of 42 bytes/],
    ['another algorithm', `RE${publicKeyText(KEY).slice(2)}`, /not an Ed25519 key/],
    ['three lines', `${formatPublicKey(KEY)}more\n`, /it is not a key/],
  ])('%s is no public key', (_, content, message) => {
    expect(() => parsePublicKey('k.pub', content)).toThrow(message);
  });

  it('refuses secret keys that have a password, are damaged or are no secret keys', () => {
    const secret = Buffer.from(formatSecretKey(KEY).split('\n')[1]!, 'base64');
    const changed = (at: number, bytes: Uint8Array): string => {
      const copy = Buffer.from(secret);
      copy.set(bytes, at);
      return copy.toString('base64');
    };
    expect(parseSecretKey('k', secret.toString('base64'))).toEqual(KEY);
    expect(() => parseSecretKey('k', changed(2, Buffer.from('Sc')))).toThrow(
      'the key has a password; sign with minisign',
    );
    expect(() => parseSecretKey('k', changed(2, Buffer.from('XY')))).toThrow('unknown way');
    expect(() => parseSecretKey('k', changed(0, Buffer.from('EX')))).toThrow('not an Ed25519 key');
    expect(() => parseSecretKey('k', changed(4, Buffer.from('S2')))).toThrow('not an Ed25519 key');
    expect(() => parseSecretKey('k', changed(62, new Uint8Array(32)))).toThrow('do not belong together');
    expect(() => parseSecretKey('k', formatPublicKey(KEY))).toThrow('not base64 of 158 bytes');
  });

  it('gives an answer or a UserError for any text, never anything else', () => {
    const parts = fc.constantFrom(
      'untrusted comment: ',
      'trusted comment: ',
      '\n',
      '\r\n',
      ...text.split('\n'),
      'RUQ=',
    );
    const others: unknown[] = [];
    const anyText = fc.array(fc.oneof(parts, fc.string(), fc.base64String()), { maxLength: 9 });
    fc.assert(
      fc.property(anyText, fc.uint8Array({ maxLength: 400 }), (pieces, bytes) => {
        for (const content of [Buffer.from(pieces.join('')), bytes]) {
          for (const parse of [parseSignature, parsePublicKey, parseSecretKey]) {
            try {
              parse('fuzz', content);
            } catch (error) {
              if (!(error instanceof UserError)) others.push(error);
            }
          }
        }
      }),
      { numRuns: 2000 },
    );
    expect(others).toEqual([]);
  });

  it('gives an answer for any key and signature of the right size', () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    fc.assert(
      fc.property(bytes(32), bytes(64), fc.boolean(), (key, signature, prehashed) => {
        const forged = { prehashed, keyId: KEY.id, signature, trustedComment: '', globalSignature: signature };
        expect(() => verifySignature('f', CONTENT, forged, { id: KEY.id, key })).toThrow(UserError);
      }),
    );
  });
});

describe('signing', () => {
  it('refuses comments that are no line or too long', () => {
    expect(() => signContent(CONTENT, KEY, 'two\nlines')).toThrow('control characters');
    expect(() => signContent(CONTENT, KEY, 'x'.repeat(9000))).toThrow('shorten it');
  });

  it('makes a new pair each time, and never replaces a key', async () => {
    const [secret, open] = [at('a.key'), at('a.pub')];
    const key = await writeKeyPair(secret, open);
    expect(statSync(secret).mode & 0o777).toBe(0o600);
    const before = readFileSync(secret, 'utf8');
    await expect(writeKeyPair(secret, at('new.pub'))).rejects.toThrow('something else of that name is in the way');
    await expect(writeKeyPair(at('new.key'), open)).rejects.toThrow('something else of that name is in the way');
    expect(() => statSync(at('new.key'))).toThrow('ENOENT');
    expect(readFileSync(secret, 'utf8')).toBe(before);
    expect(await readPublicKey(open)).toEqual(key);
    expect(await readPublicKey(publicKeyText(key))).toEqual(key);
    expect((await writeKeyPair(at('b.key'), at('b.pub'))).key).not.toEqual(key.key);
  });

  it('signs a file beside it', async () => {
    writeFileSync(at('model'), CONTENT);
    await writeKeyPair(at('c.key'), at('c.pub'));
    const secret = await readSecretKey(at('c.key'));
    expect(await signFile(at('model'), secret)).toBe(at('model.minisig'));
    expect(await verifyFile(at('model'), secret)).toBe('file:model\thashed');
    writeFileSync(at('model'), 'another');
    await expect(verifyFile(at('model'), secret)).rejects.toThrow(/model: its signature does not match/);
  });

  it('bounds what it reads as a key or signature', async () => {
    writeFileSync(at('large'), new Uint8Array(100_000));
    await expect(readPublicKey(at('large'))).rejects.toThrow('it has more than 32768 bytes');
    await expect(readSecretKey('/dev/zero')).rejects.toThrow('it has more than 32768 bytes');
    await expect(readPublicKey(at('absent'))).rejects.toThrow(/absent: no such file/);
  });
});

describe('a detector that has to be signed', () => {
  it('is refused for its signature before anything else is looked at', async () => {
    writeFileSync(at('d.tflite'), 'no detector at all');
    await expect(openDetector(at('d.tflite'), { signedBy: KEY })).rejects.toThrow(/d\.tflite\.minisig: no such file/);
    await signFile(at('d.tflite'), createSecretKey());
    await expect(openDetector(at('d.tflite'), { signedBy: KEY })).rejects.toThrow(/signed with the key/);
    await signFile(at('d.tflite'), KEY);
    // Now the signature holds, and the file itself is looked at.
    await expect(openDetector(at('d.tflite'), { signedBy: KEY })).rejects.toThrow(/d\.tflite: seal: /);
  });
});
