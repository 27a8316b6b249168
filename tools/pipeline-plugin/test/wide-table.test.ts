// A table of IoT flows with the awkward sides of published ones, by config alone: 84 columns, durations down to a
// microsecond, rows sorted by class, three kinds of normal rows, nine attack rows of ten, most of which repeat others.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runPipelineOf } from './support/run-stages.ts';
import { WIDE_COLUMNS, wideIotTable } from './support/wide-iot-table.ts';

const ROWS = 30_000;
const CONFIG = {
  collect: {
    source: {
      kind: 'table',
      paths: ['flows.csv'],
      label: { column: 'Attack_type', normal: ['MQTT_Publish', 'Thing_Speak', 'Wipro_bulb'] },
      ignore: ['id.*_p'],
    },
  },
  convert: { threshold: { falseAlarmRate: 0.01 } },
};

const workspace = await mkdtemp(join(tmpdir(), 'edgeguard-wide-'));
afterAll(() => rm(workspace, { recursive: true, force: true }));

it('a wide table of IoT flows needs a config and nothing else', { timeout: 300_000 }, async () => {
  const table = `${[...wideIotTable(ROWS, 3)].join('\n')}\n`;
  const artifact = await runPipelineOf(workspace, JSON.stringify(CONFIG), { 'flows.csv': table });
  const { schema } = await artifact('preprocess/transform.json');
  const features = new Map<string, { kind: string; logScale?: number }>(
    schema.features.map((feature: { name: string }) => [feature.name, feature]),
  );
  const leftOut = ['', 'id.orig_p', 'id.resp_p', 'Attack_type'];
  expect(features.size).toBe(WIDE_COLUMNS.length - leftOut.length);
  expect(leftOut.filter((name) => features.has(name))).toEqual([]);
  expect(features.get('flow_duration')!.kind).toBe('ratio');
  expect(features.get('flow_duration')!.logScale).toBeLessThanOrEqual(1e-4);
  expect(features.get('fwd_pkts_tot')!.kind).toBe('count');
  expect(features.get('flags.RST')!.kind).toBe('flag');
  // Gaps of up to a minute in microseconds.
  expect(features.get('flow_iat.max')).toMatchObject({ kind: 'ratio', logScale: 1 });

  const { splits, detectors, dataChecks } = await artifact('evaluate/evaluation.json');
  expect(splits.train.normal).toBe(splits.train.rows);
  expect(splits.test.attack).toBeGreaterThan(0.85 * ROWS);
  expect(dataChecks.sharedRows.repeated).toBeGreaterThan(0.8 * splits.test.attack);
  const [float32, int8] = detectors;
  expect(float32.oracle.rocAuc).toBeGreaterThan(0.9);
  expect(Math.abs(int8.oracle.rocAuc - float32.oracle.rocAuc)).toBeLessThan(0.003);
  expect(float32.atThreshold.falseAlarmRate.value).toBeLessThan(0.03);
});
