import { conformalThreshold, falseAlarmBound } from '@edgeguard/detection';
import { SeededRandom } from '@edgeguard/transform';
import { describe, expect, it } from 'vitest';
import {
  averagePrecision,
  clusterBootstrap,
  type Clusters,
  clusterRows,
  groupScores,
  labelCode,
  type LabelledRows,
  rocAuc,
} from '../../src/index.ts';

const GROUP_ROWS = 25;

/** Groups of rows whose scores move together. */
function dependentRows(groups: number): { rows: LabelledRows; scores: Float32Array; clusters: Clusters } {
  const random = new SeededRandom(3);
  const count = groups * GROUP_ROWS;
  const scores = new Float32Array(count);
  const label = new Uint8Array(count);
  const of = new Uint32Array(count);
  for (let group = 0; group < groups; group++) {
    const isAttack = group % 4 === 0;
    const level = random.uniform() + (isAttack ? 0.5 : 0);
    for (let i = 0; i < GROUP_ROWS; i++) {
      const row = group * GROUP_ROWS + i;
      scores[row] = level + 0.1 * random.uniform();
      label[row] = labelCode(isAttack ? 'attack' : 'normal');
      of[row] = group;
    }
  }
  const rows: LabelledRows = {
    rows: count,
    label,
    attack: new Uint16Array(count),
    attackNames: ['a'],
    time: undefined,
  };
  return { rows, scores, clusters: { unit: 'group', count: groups, of } };
}

describe('cluster bootstrap', () => {
  const { rows, scores, clusters } = dependentRows(80);
  const grouped = groupScores(rows, scores);
  const byGroup = clusterBootstrap(rows, scores, clusters, 0.9, 1);
  const byRow = clusterBootstrap(rows, scores, clusterRows(rows), 0.9, 1);

  it('holds the figure itself within its interval', () => {
    for (const intervals of [byGroup, byRow]) {
      const area = rocAuc(grouped.normal, grouped.attack)!;
      expect(intervals.rocAuc![0]).toBeLessThan(area);
      expect(intervals.rocAuc![1]).toBeGreaterThan(area);
      const precision = averagePrecision(grouped.normal, grouped.attack)!;
      expect(intervals.prAuc![0]).toBeLessThan(precision);
      expect(intervals.prAuc![1]).toBeGreaterThan(precision);
    }
  });

  it('is wider by groups than by rows, where the rows of a group move together', () => {
    expect(byRow.unit).toBe('row');
    for (const figure of ['rocAuc', 'detectionRate', 'falseAlarmRate'] as const) {
      const width = ([low, high]: readonly [number, number]): number => high - low;
      expect(width(byGroup[figure]!), `${figure}`).toBeGreaterThan(2 * width(byRow[figure]!));
    }
  });

  it('comes near the textbook interval for independent rows', () => {
    const random = new SeededRandom(8);
    const count = 4000;
    const independent: LabelledRows = {
      rows: count,
      label: new Uint8Array(count).fill(labelCode('normal')),
      attack: new Uint16Array(count),
      attackNames: [],
      time: undefined,
    };
    const uniform = Float32Array.from({ length: count }, () => random.uniform());
    const {
      falseAlarmRate,
      rocAuc: area,
      rocBand,
    } = clusterBootstrap(independent, uniform, clusterRows(independent), 0.9, 2);
    const share = uniform.filter((score) => score > 0.9).length / count;
    const half = 1.96 * Math.sqrt((share * (1 - share)) / count);
    expect((falseAlarmRate![1] - falseAlarmRate![0]) / (2 * half)).toBeGreaterThan(0.8);
    expect((falseAlarmRate![1] - falseAlarmRate![0]) / (2 * half)).toBeLessThan(1.2);
    expect(area).toBeNull();
    expect(rocBand).toBeNull();
  });

  it('gives bands that do not cross and end at the top', () => {
    const { at, low, high } = byGroup.rocBand!;
    for (const [i, value] of low.entries()) expect(value).toBeLessThanOrEqual(high[i]!);
    expect(at).toEqual([...at].sort((a, b) => a - b));
    expect(at.at(-1)).toBe(1);
    expect(low.at(-1)).toBe(1);
  });
});

describe('clusters', () => {
  const rowsAt = (minutes: number, count: number): LabelledRows => ({
    rows: count,
    label: new Uint8Array(count).fill(labelCode('normal')),
    attack: new Uint16Array(count),
    attackNames: [],
    time: BigInt64Array.from({ length: count }, (_, i) => BigInt(i * minutes) * 60_000_000_000n),
  });

  it('are the coarsest unit of time of which there are enough', () => {
    expect(clusterRows(rowsAt(60 * 12, 100))).toMatchObject({ unit: 'day', count: 50 });
    expect(clusterRows(rowsAt(15, 100))).toMatchObject({ unit: 'hour', count: 25 });
    expect(clusterRows(rowsAt(1, 100))).toMatchObject({ unit: 'minute', count: 100 });
    expect(clusterRows(rowsAt(0, 100))).toMatchObject({ unit: 'row', count: 100 });
  });

  it('are groups where there is no time', () => {
    const rows = { ...rowsAt(1, 100), time: undefined };
    const group = Uint32Array.from({ length: 100 }, (_, i) => i % 25);
    expect(clusterRows(rows, group)).toMatchObject({ unit: 'group', count: 25 });
    expect(clusterRows(rows, group.fill(0))).toMatchObject({ unit: 'row' });
  });
});

describe('false alarm bound', () => {
  it('is what the threshold promises: within the budget at its rank, beyond it at the next', () => {
    const random = new SeededRandom(4);
    for (const rows of [400, 1000, 5000]) {
      const scores = Float32Array.from({ length: rows }, () => random.uniform());
      const { rank } = conformalThreshold(scores, { falseAlarmRate: 0.01, confidence: 0.95 });
      expect(falseAlarmBound(rows, rank, 0.95)).toBeLessThanOrEqual(0.01);
      expect(falseAlarmBound(rows, rank + 1, 0.95)).toBeGreaterThan(0.01);
    }
  });

  it('is the upper limit of Clopper and Pearson', () => {
    // Zero of n: 1 - 0.05^(1/n). One of 29, one-sided 95 %: scipy.stats.beta.ppf(0.95, 2, 28).
    expect(falseAlarmBound(100, 1, 0.95)).toBeCloseTo(1 - 0.05 ** (1 / 100), 10);
    expect(falseAlarmBound(29, 2, 0.95)).toBeCloseTo(0.15335, 4);
    expect(falseAlarmBound(29, 30, 0.95)).toBe(1);
  });
});
