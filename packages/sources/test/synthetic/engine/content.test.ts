import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Random } from '../../../src/synthetic/engine/random.ts';
import { ipv6Text } from '../../../src/synthetic/wire/address.ts';
import { fold, wordSum } from '../../../src/synthetic/wire/checksum.ts';
import { type Content, ContentPool } from '../../../src/synthetic/wire/content.ts';

it('gives the checksum of all bytes, also of those that it does not write', () => {
  const pool = new ContentPool(3);
  const random = new Random(1, 'content test');
  const content = fc
    .record({
      head: fc.uint8Array({ maxLength: 40 }),
      period: fc.integer({ min: 0, max: 200 }),
      poolStart: fc.nat(65_535),
      length: fc.integer({ min: 1, max: 1500 }),
    })
    .map(({ head, period, poolStart, length }): Content => ({
      head,
      poolStart,
      length,
      period: period === 0 ? length : Math.max(period, head.length + 1),
    }));
  fc.assert(
    fc.property(content, fc.nat(1500), (one, cut) => {
      const from = random.integer(0, one.length - 1);
      const length = one.length - from;
      const whole = new Uint8Array(2000);
      const sum = pool.write(one, from, length, whole, 0, length);
      expect(sum).toBe(fold(wordSum(whole, 0, length)));
      const part = new Uint8Array(2000);
      expect(pool.write(one, from, length, part, 0, cut)).toBe(sum);
      expect(part.subarray(0, Math.min(cut, length))).toEqual(whole.subarray(0, Math.min(cut, length)));
      expect(part.subarray(Math.min(cut, length)).every((byte) => byte === 0)).toBe(true);
    }),
  );
});

it('repeats the head at every period', () => {
  const pool = new ContentPool(3);
  const bytes = new Uint8Array(30);
  pool.write({ head: Uint8Array.of(1, 2, 3), length: 30, period: 10, poolStart: 5 }, 0, 30, bytes, 0, 30);
  for (const at of [0, 10, 20]) expect([...bytes.subarray(at, at + 3)]).toEqual([1, 2, 3]);
});

it('writes IPv6 addresses as RFC 5952 wants them', () => {
  expect(ipv6Text([0x2001, 0xdb8, 0, 0, 1, 0, 0, 1])).toBe('2001:db8::1:0:0:1');
  expect(ipv6Text([0x2001, 0xdb8, 0, 1, 1, 1, 1, 1])).toBe('2001:db8:0:1:1:1:1:1');
  expect(ipv6Text([0, 0, 0, 0, 0, 0, 0, 1])).toBe('::1');
  expect(ipv6Text([1, 0, 0, 2, 0, 0, 0, 3])).toBe('1:0:0:2::3');
  expect(ipv6Text([1, 2, 3, 4, 5, 6, 0, 0])).toBe('1:2:3:4:5:6::');
});
