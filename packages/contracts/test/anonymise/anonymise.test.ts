import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Anonymiser, PrefixPreserving, readAnonymisationKey } from '../../src/anonymise/index.ts';
import { addressBytes, addressText } from '../../src/anonymise/address-bytes.ts';
import { temporaryFolders } from '../support/temporary-folder.ts';

/** The key of the authors' sample program. */
const KEY = Uint8Array.of(
  21,
  34,
  23,
  141,
  51,
  164,
  207,
  128,
  19,
  10,
  91,
  22,
  73,
  144,
  125,
  16,
  216,
  152,
  143,
  131,
  121,
  121,
  101,
  39,
  98,
  87,
  76,
  45,
  42,
  132,
  34,
  2,
);

const ipv4 = fc.ipV4();
const bytes16 = fc.uint8Array({ minLength: 16, maxLength: 16 });

function sharedBits(a: Uint8Array, b: Uint8Array): number {
  for (let bit = 0; bit < a.length * 8; bit++) {
    if ((((a[bit >> 3]! ^ b[bit >> 3]!) >> (7 - (bit & 7))) & 1) === 1) return bit;
  }
  return a.length * 8;
}

const temporaryFolder = temporaryFolders();

describe('Crypto-PAn', () => {
  it.each([
    ['128.11.68.132', '135.242.180.132'],
    ['129.118.74.4', '134.136.186.123'],
    ['130.132.252.244', '133.68.164.234'],
    ['141.223.7.43', '141.167.8.160'],
  ])('gives what the authors’ program gives: %s becomes %s', (address, pseudonym) => {
    expect(new PrefixPreserving(KEY).address(address)).toBe(pseudonym);
  });

  it('keeps exactly the prefixes that addresses share, in IPv4 and IPv6', () => {
    const scheme = new PrefixPreserving(KEY);
    fc.assert(
      fc.property(
        fc.oneof(fc.tuple(ipv4, ipv4), fc.tuple(bytes16.map(addressText), bytes16.map(addressText))),
        ([a, b]) => {
          const [x, y] = [scheme.address(a), scheme.address(b)];
          expect(sharedBits(addressBytes(x), addressBytes(y))).toBe(sharedBits(addressBytes(a), addressBytes(b)));
        },
      ),
    );
    const [one, two] = ['2001:db8:1::1', '2001:db8:1::2'].map((a) => addressBytes(scheme.address(a)));
    expect(sharedBits(one!, two!)).toBe(126);
  });

  it('has bytes and texts of addresses that go both ways', () => {
    fc.assert(
      fc.property(bytes16, (bytes) => {
        expect(addressBytes(addressText(bytes))).toEqual(bytes);
      }),
    );
    expect(
      ['::', '::1', 'fe80::1%eth0', '::ffff:1.2.3.4', '1:0:0:2::3'].map((a) => addressText(addressBytes(a))),
    ).toEqual(['::', '::1', 'fe80::1', '::ffff:102:304', '1:0:0:2::3']);
  });
});

describe('an anonymiser', () => {
  it('gives MAC addresses and names pseudonyms that keep what belongs together, and nothing else', () => {
    const anonymiser = new Anonymiser(KEY);
    const mac = anonymiser.identity('00:1b:21:AA:bb:cc');
    expect(mac).toMatch(/^[0-9a-f][26ae](:[0-9a-f]{2}){5}$/);
    expect(anonymiser.identity('00-1b-21-aa-bb-cc')).toBe(mac);
    expect(Number.parseInt(anonymiser.identity('01:00:5e:00:00:fb').slice(0, 2), 16) & 1).toBe(1);
    const [www, mail] = [anonymiser.identity('www.example.org'), anonymiser.identity('mail.Example.org')];
    expect(www.split('.').slice(1)).toEqual(mail.split('.').slice(1));
    expect(www.split('.')[0]).not.toBe(mail.split('.')[0]);
    expect(www).not.toMatch(/www|example|org/);
    expect(anonymiser.identity('www.example.org.')).toBe(`${www}.`);
    expect(anonymiser.identity('')).toBe('');
  });

  it('has another key in every run, unless one is given', () => {
    const pseudonym = (key?: Uint8Array): string => new Anonymiser(key).identity('host.example');
    expect(pseudonym()).not.toBe(pseudonym());
    expect(pseudonym(KEY)).toBe(pseudonym(KEY));
  });

  it('reads a key of 64 digits and refuses another', async () => {
    const path = join(await temporaryFolder(), 'key');
    writeFileSync(path, `${Buffer.from(KEY).toString('hex')}\n`);
    expect(Uint8Array.from(await readAnonymisationKey(path))).toEqual(KEY);
    writeFileSync(path, 'secret');
    await expect(readAnonymisationKey(path)).rejects.toThrow(/openssl rand -hex 32/);
  });
});
