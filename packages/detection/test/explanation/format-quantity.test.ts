import { describe, expect, it } from 'vitest';
import type { ColumnKind } from '@edgeguard/contracts';
import { formatQuantity } from '../../src/explanation/format-quantity.ts';

function format(value: number, kind: ColumnKind, unit: string): string {
  return formatQuantity(value, { name: 'x', role: 'feature', type: 'float32', kind, unit }, ['tcp', 'udp']);
}

describe('formatQuantity', () => {
  it.each([
    [412, 'count', '{port}', '412'],
    [12_345_678, 'count', '{packet}', '12,345,678'],
    [Math.fround(1e12), 'count', '{packet}', '1,000,000,000,000'],
    [Math.fround(3e38), 'count', '{packet}/s', '3e+38/s'],
    [1.2345, 'count', '{packet}', '1.2'],
    [0.04, 'count', '{packet}', '0'],
    [-0.01, 'count', '{packet}', '0'],
    [31.7, 'count', '{flow}', '32'],
    [12.3, 'count', '{packet}/s', '12/s'],
    [0, 'bytes', 'By', '0 B'],
    [640, 'bytes', 'By', '640 B'],
    [999.7, 'bytes', 'By', '1 kB'],
    [1234, 'bytes', 'By', '1.23 kB'],
    [5.4e9, 'bytes', 'By', '5.4 GB'],
    [5.4e22, 'bytes', 'By', '54,000,000 PB'],
    [1_500_000, 'bytes', 'By/s', '1.5 MB/s'],
    [1_500_000, 'ratio', 'By/s', '1.5 MB/s'],
    [407_000, 'bytes', 'bit/s', '407 kbit/s'],
    [12, 'bytes', 'bit', '12 bit'],
    [1234, 'bytes', 'KiBy', '1,234 KiBy'],
    [0, 'seconds', 's', '0 s'],
    [0.000_35, 'seconds', 's', '350 µs'],
    [0.0123, 'seconds', 's', '12.3 ms'],
    [12.3, 'seconds', 'ms', '12.3 ms'],
    [0.99999, 'seconds', 's', '1 s'],
    [59.94, 'seconds', 's', '59.9 s'],
    [600, 'seconds', 's', '10 min'],
    [7200, 'seconds', 's', '2 h'],
    [259_200, 'seconds', 's', '3 days'],
    [0.3456, 'ratio', '1', '0.35'],
    [0.0001, 'ratio', '1', '0'],
    [12.34, 'ratio', '%', '12.3 %'],
    [1, 'flag', '1', 'yes'],
    [0.2, 'flag', '1', 'no'],
    [2, 'category', '1', 'udp'],
    [0, 'category', '1', 'a value not seen in training'],
    [3, 'category', '1', 'a value not seen in training'],
    [Number.POSITIVE_INFINITY, 'count', '1', 'infinite'],
    [Number.NaN, 'seconds', 's', 'no value'],
  ] as const)('writes %d as %s in %s as "%s"', (value, kind, unit, text) => {
    expect(format(value, kind, unit)).toBe(text);
  });
});
