// docs/how-to-csv.md is followed to the letter: its config, a table as it describes, and the stages as Nx runs them.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { iotTable } from './support/iot-table.ts';
import { runPipelineOf } from './support/run-stages.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

const workspace = await mkdtemp(join(tmpdir(), 'edgeguard-how-to-'));
afterAll(() => rm(workspace, { recursive: true, force: true }));

it('a new CSV needs a config and nothing else', { timeout: 300_000 }, async () => {
  const page = await readFile(join(ROOT, 'docs', 'how-to-csv.md'), 'utf8');
  const [, config] = /```json\n(.*?)```/s.exec(page)!;
  const [header] = /```\n(,id\.orig_p.*)\n/.exec(page)!.slice(1);
  const table = iotTable(5);
  expect(table.split('\n')[0]).toBe(header);
  const artifact = await runPipelineOf(workspace, config!, { 'flows.csv': table });
  const { notes } = await artifact('collect/manifest.json');
  expect(notes).toHaveLength(2);
  expect(notes[0]).toContain('column 1 is left out: it rises with every row');
  expect(notes[1]).toMatch(/column fwd_pkts\/s: \d+ missing values are taken as 0/);
  const transform = await artifact('preprocess/transform.json');
  const features: { name: string; kind: string }[] = transform.schema.features;
  expect(features.map(({ name, kind }) => `${name}: ${kind}`)).toEqual([
    'proto: category',
    'service: category',
    'flow_duration: ratio',
    'fwd_pkts/s: ratio',
    'down/up ratio: ratio',
    'SYN flag: flag',
  ]);
  expect(transform.vocabularies.service.toSorted()).toEqual(['dns', 'http', 'mqtt']);
  const { splits, detectors } = await artifact('evaluate/evaluation.json');
  // Nothing but normal rows trains, although rows come sorted by class.
  expect(splits.train.normal).toBe(splits.train.rows);
  expect(splits.test.attack).toBe(5500);
  const [{ atThreshold, oracle }] = detectors;
  expect(atThreshold.perAttack.map(({ attack }: { attack: string }) => attack)).toEqual([
    'ARP_poisoning',
    'DOS_SYN_Hping',
    'Nmap_scan',
  ]);
  expect(oracle.rocAuc).toBeGreaterThan(0.95);
  expect(atThreshold.falseAlarmRate.value).toBeLessThan(0.03);
});
