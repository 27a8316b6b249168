import { describe, expect, it } from 'vitest';
import { labelCode, type LabelledRows, timeToAlert } from '../../src/index.ts';

describe('time to the first alert', () => {
  const rows: LabelledRows = {
    rows: 6,
    label: Uint8Array.from(['normal', 'attack', 'attack', 'attack', 'attack', 'attack'] as const, labelCode),
    attack: Uint16Array.of(0, 0, 0, 0, 1, 1),
    attackNames: ['scan', 'theft'],
    time: BigInt64Array.from([0, 50, 20, 30, 60, 70], (second) => BigInt(second) * 1_000_000_000n),
  };

  it('runs from the first row of an attack to its first alert, in traffic time', () => {
    const scores = Float32Array.of(9, 5, 0, 4, 1, 1);
    expect(timeToAlert(rows, scores, 3)).toEqual(
      new Map([
        ['scan', 10],
        ['theft', null],
      ]),
    );
    expect(timeToAlert(rows, scores, 4)).toEqual(
      new Map([
        ['scan', 30],
        ['theft', null],
      ]),
    );
  });

  it('is unknown without time', () => {
    expect(timeToAlert({ ...rows, time: undefined }, new Float32Array(6), 0)).toEqual(new Map());
  });
});
