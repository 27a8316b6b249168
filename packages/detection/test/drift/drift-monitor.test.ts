import { describe, expect, it } from 'vitest';
import { type DetectorDocument, type FeatureColumn, schemaHash } from '@edgeguard/contracts';
import { DriftBaselineBuilder, driftBlockRows } from '../../src/drift/drift-baseline.ts';
import { DriftMonitor } from '../../src/drift/drift-monitor.ts';
import { describeChange, type DriftChange } from '../../src/drift/drift-report.ts';
import { codeEdges, decileEdges, FeatureBins } from '../../src/drift/feature-bins.ts';
import { directionFeatures } from '../../src/drift/one-way.ts';
import { pValueTable } from '../../src/threshold/p-value-table.ts';
import { column, detectorDocument } from '../support/detector-document.ts';
import { seededNormal } from '../support/seeded-random.ts';

const ROWS_PER_DAY = 4000;
const THRESHOLD = 4;
const FEATURES: FeatureColumn[] = [
  ...Array.from({ length: 8 }, (_, i) => column(`bytes_${i}`, 'bytes', 'By', `bytes ${i}`)),
  { ...column('balance', 'ratio', '1', 'balance of directions'), family: 'asymmetry' },
  { ...column('protocol', 'category', '1', 'protocol'), categories: ['tcp', 'udp'] },
];

/** What a test does to a row [F]. */
type Change = (row: Float32Array, day: number) => void;

/** Rows of some days with a daily cycle, and their scores: features correlated, noise of every row its own. */
function* traffic(
  days: number,
  seed: number,
  change: Change = () => undefined,
): Generator<{ row: Float32Array; score: number; day: number }> {
  const normal = seededNormal(seed);
  const row = new Float32Array(FEATURES.length);
  for (let i = 0; i < days * ROWS_PER_DAY; i++) {
    const day = i / ROWS_PER_DAY;
    const cycle = 0.3 * Math.sin(2 * Math.PI * day);
    const common = normal();
    for (let f = 0; f < 8; f++) row[f] = common + normal() + cycle * Math.cos(f);
    row[8] = normal();
    row[9] = normal() + cycle > 0 ? 1 : 2;
    change(row, day);
    yield { row, score: Math.abs(normal()), day };
  }
}

/** A detector's document whose calibration are two days of such traffic. */
function calibrated(seed: number): DetectorDocument {
  const train: Float32Array[] = [];
  for (const { row } of traffic(3, seed)) train.push(row.slice());
  const bins = new FeatureBins(
    FEATURES.map(({ kind }, f) =>
      kind === 'category' ? codeEdges(2) : decileEdges(Float32Array.from(train, (row) => row[f]!).sort()),
    ),
  );
  const counts = bins.start();
  for (const row of train) bins.add(counts, row, 0);
  const total = 2 * ROWS_PER_DAY;
  const builder = new DriftBaselineBuilder(bins, counts, driftBlockRows(total)!, directionFeatures(FEATURES));
  const scores: number[] = [];
  for (const { row, score } of traffic(2, seed + 1)) {
    builder.add(row, 1);
    scores.push(score);
  }
  const pValues = pValueTable(Float32Array.from(scores));
  return {
    ...detectorDocument(),
    schema: {
      name: 'test',
      version: 1,
      hash: schemaHash(FEATURES),
      features: FEATURES as DetectorDocument['schema']['features'],
    },
    vocabularies: { protocol: ['tcp', 'udp'] },
    pValues,
    calibration: {
      tail: { fits: false, reason: 'of no interest here' },
      categories: [],
      drift: builder.finish(pValues, Float32Array.from(scores)),
    },
  };
}

interface Watched {
  readonly monitor: DriftMonitor;
  readonly changes: readonly DriftChange[];
}

function watch(document: DetectorDocument, days: number, seed: number, change?: Change): Watched {
  const changes: DriftChange[] = [];
  const monitor = new DriftMonitor(document, 1e-4, (each) => changes.push(each));
  let i = 0;
  for (const { row, score, day } of traffic(days, seed, change)) {
    const ends = { source: `h${i % 50}`, target: `t${i % 70}` };
    i++;
    monitor.add(row, 0, score, day * 86_400, score > THRESHOLD ? ends : undefined);
  }
  return { monitor, changes };
}

const document = calibrated(1);

describe('DriftMonitor', () => {
  it('raises at most one false drift alarm in four months of stationary traffic', () => {
    let alarms = 0;
    let watched = 0;
    for (let seed = 1; seed <= 4; seed++) {
      const { changes, monitor } = watch(calibrated(100 * seed), 30, 5000 + seed);
      alarms += changes.filter(({ state }) => state === 'drifted').length;
      watched += monitor.report().blocks;
    }
    // Twenty blocks a day; the few rows that raise alarms are left out.
    expect(watched).toBeGreaterThan(0.99 * 4 * 30 * 20);
    expect(alarms).toBeLessThanOrEqual(1);
  });

  it('finds a shift of one feature and names it first, and nothing before it', () => {
    const { changes, monitor } = watch(document, 4, 7, (row, day) => {
      if (day >= 2) row[3]! += 1.5;
    });
    const drifted = changes.find(({ state }) => state === 'drifted')!;
    expect(drifted.time / 86_400).toBeGreaterThan(2);
    expect(drifted.time / 86_400).toBeLessThan(2.3);
    expect(drifted).toMatchObject({ cause: 'network', moved: ['bytes_3'] });
    expect(describeChange(drifted)).toBe('drifted: the network seems to have changed: bytes_3');
    const report = monitor.report();
    expect(report).toMatchObject({ state: 'drifted', cause: 'network', attackBlocks: 0 });
    expect(report.signals[0]).toMatchObject({ kind: 'feature', name: 'bytes_3', recent: 5 });
  });

  it('is stable again when the shift is over', () => {
    const { monitor, changes } = watch(document, 4, 8, (row, day) => {
      if (day >= 1 && day < 2) row[3]! += 1.5;
    });
    expect(changes.some(({ state }) => state === 'drifted')).toBe(true);
    expect(monitor.report().state).toBe('stable');
  });

  it.each<[string, Change]>([
    ['bytes_5 is constant', (row) => (row[5] = 0)],
    ['no protocol udp', (row) => (row[9] = 1)],
    ['traffic in one direction only', (row) => (row[8] = 1)],
  ])('calls it a changed sensor: %s', (sign, change) => {
    const { monitor } = watch(document, 1, 9, change);
    const report = monitor.report();
    expect(report).toMatchObject({ state: 'drifted', cause: 'sensor' });
    expect(report.signals.filter(({ kind }) => kind === 'sensor').map(({ name }) => name)).toContain(sign);
  });

  it('calls lost packets a changed sensor, and a few of them nothing', () => {
    const { monitor } = watch(document, 1, 14);
    monitor.addPackets(99_900, 100);
    expect(monitor.report()).toMatchObject({ state: 'stable', lostShare: 0.001 });
    monitor.addPackets(0, 5000);
    expect(monitor.report()).toMatchObject({ state: 'watch', cause: 'sensor' });
  });

  it('calls records without a score a changed sensor', () => {
    const monitor = new DriftMonitor(document, 1e-4);
    let i = 0;
    for (const { row, score, day } of traffic(1, 10)) {
      if (i++ % 20 === 0) monitor.addNotFinite();
      else monitor.add(row, 0, score, day * 86_400);
    }
    expect(monitor.report()).toMatchObject({ state: 'drifted', cause: 'sensor', notFinite: 200 });
  });

  it('takes a flood for an attack, not for drift, and a broad rise of alarms for drift', () => {
    const alarming = (ends: (i: number) => { source: string; target: string }) => {
      const monitor = new DriftMonitor(document, 1e-4);
      let i = 0;
      for (const { row, score, day } of traffic(2, 11)) {
        // Half of the second day's rows are alarms, with features of their own.
        const alarm = day >= 1 && i++ % 2 === 0;
        if (alarm) row[0] = 50;
        monitor.add(row, 0, score, day * 86_400, alarm ? ends(i) : undefined);
      }
      return monitor.report();
    };
    const flood = alarming((i) => ({ source: `s${i}`, target: 'victim' }));
    expect(flood.state).not.toBe('drifted');
    expect(flood.attackBlocks).toBeGreaterThan(5);
    const broad = alarming((i) => ({ source: `s${i % 40}`, target: `t${i % 50}` }));
    expect(broad).toMatchObject({ state: 'drifted', cause: 'network', attackBlocks: 0 });
    expect(broad.signals.find(({ kind }) => kind === 'alarms')!.recent).toBe(5);
  });

  it('takes one-way rows for a changed sensor although they raise alarms, but not those of a scan', () => {
    const oneWay = (ends: (i: number) => { source: string; target: string }) => {
      const monitor = new DriftMonitor(document, 1e-4);
      let i = 0;
      for (const { row, score, day } of traffic(2, 13)) {
        const alarm = day >= 1 && i++ % 3 === 0;
        if (alarm) row[8] = 1;
        monitor.add(row, 0, score, day * 86_400, alarm ? ends(i) : undefined);
      }
      return monitor.report();
    };
    const tap = oneWay((i) => ({ source: `s${i % 40}`, target: `t${i % 50}` }));
    expect(tap).toMatchObject({ state: 'drifted', cause: 'sensor' });
    expect(tap.signals.map(({ name }) => name)).toContain('much traffic in one direction only');
    const scan = oneWay((i) => ({ source: 'scanner', target: `t${i}` }));
    expect(scan.signals.filter(({ kind, blocks }) => kind === 'sensor' && blocks > 0)).toEqual([]);
  });

  it('finds scores that rose without any feature', () => {
    const monitor = new DriftMonitor(document, 1e-4);
    for (const { row, score, day } of traffic(1, 12)) monitor.add(row, 0, 1.3 * score, day * 86_400);
    const report = monitor.report();
    expect(report.state).toBe('drifted');
    expect(report.signals[0]).toMatchObject({ kind: 'scores', recent: 5 });
  });

  it('refuses a detector that does not say what blocks look like', () => {
    expect(() => new DriftMonitor(detectorDocument(), 1e-4)).toThrow(/drift cannot be told; convert again/);
  });
});
