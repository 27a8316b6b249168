import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { DatasetReader, DatasetWriter } from '@edgeguard/contracts/arrow';
import { featuresOf } from '@edgeguard/contracts';
import { complaint, edgeguard, scratch } from './edgeguard.ts';

const STAGES = ['collect', 'preprocess', 'train', 'convert', 'evaluate'] as const;

const workspace = scratch();
const artifacts = join(workspace, 'data', 'artifacts', 'tiny');
mkdirSync(join(workspace, 'data', 'pipelines', 'tiny'), { recursive: true });
writeFileSync(join(workspace, 'nx.json'), '{}');
writeFileSync(
  join(workspace, 'data', 'pipelines', 'tiny', 'edgeguard.config.json'),
  JSON.stringify({
    seed: 3,
    collect: {
      source: { kind: 'synthetic', durationSeconds: 7200 },
      metering: { maxFlows: 16_384, maxHosts: 4096 },
    },
    preprocess: { split: { by: 'time', gapSeconds: 60 } },
    train: { epochs: 12, network: { hidden: [16, 8, 16] } },
    convert: { threshold: { falseAlarmRate: 0.02, confidence: 0.9 } },
    detect: { source: { kind: 'synthetic', durationSeconds: 300, attacks: [] } },
  }),
);

const run = (...args: string[]) => edgeguard([...args, 'tiny'], { cwd: workspace });

/** Starts a stage, and sends it a signal while it works. */
async function strike(stage: string, signal: NodeJS.Signals) {
  const partial = join(artifacts, `${stage}.partial`);
  return edgeguard([stage, 'tiny'], {
    cwd: workspace,
    started: (child) => {
      void (async () => {
        while (child.exitCode === null && !existsSync(partial)) await setTimeout(2);
        child.kill(signal);
      })();
    },
  });
}

// In order: each stage reads what the one before has left when nobody struck it.
describe.each(STAGES)('%s', (stage) => {
  it('stopped with Ctrl-C says so in one line and leaves nothing', async () => {
    expect(complaint(await strike(stage, 'SIGINT'))).toBe('edgeguard: interrupted; nothing half-written was left');
    expect(readdirSync(artifacts).filter((name) => name.startsWith(stage))).toEqual([]);
  });

  it('killed in the middle leaves nothing that looks finished', async () => {
    expect((await strike(stage, 'SIGKILL')).signal).toBe('SIGKILL');
    expect(existsSync(join(artifacts, stage))).toBe(false);
    expect(existsSync(join(artifacts, `${stage}.partial`))).toBe(true);
  });

  it('left alone writes its output, and nothing else', async () => {
    expect(await run(stage)).toMatchObject({ code: 0 });
    const names = readdirSync(join(artifacts, stage));
    expect(names).toEqual(expect.arrayContaining(['digest.json', 'manifest.json']));
    expect(existsSync(join(artifacts, `${stage}.partial`))).toBe(false);
  });
});

it('the report and the evaluation name no address of the traffic', async () => {
  const reader = await DatasetReader.open(join(artifacts, 'collect', 'flows.arrow'));
  const addresses = new Set<string>();
  for await (const batch of reader.batches()) {
    for (const column of ['src_ip', 'dst_ip']) for (const address of batch.strings(column)) addresses.add(address);
  }
  await reader.close();
  expect(addresses.size).toBeGreaterThan(20);
  for (const name of ['report.html', 'evaluation.json']) {
    const words = new Set(readFileSync(join(artifacts, 'evaluate', name), 'utf8').split(/[^\w.:]+/));
    expect([...addresses].filter((address) => words.has(address))).toEqual([]);
  }
});

describe('the detector that came out', () => {
  const file = join(artifacts, 'convert', 'detector.int8.tflite');

  it('can be inspected: graph, schema, threshold, provenance, verification', async () => {
    const { code, stdout } = await edgeguard(['inspect', file]);
    expect(code).toBe(0);
    for (const part of ['FULLY_CONNECTED', 'Threshold', 'Schema flow-packets', 'Provenance', 'Verification\n']) {
      expect(stdout).toContain(part);
    }
    const report = JSON.parse((await edgeguard(['inspect', file, '--json'])).stdout);
    expect(report.detector.format).toBe('edgeguard.detector');
    expect(report.verification).toMatchObject({ passed: true, sha256: report.sha256 });
    expect(report.graph.operators.length).toBeGreaterThan(10);
  });

  it('looks at traffic', async () => {
    const capture = join(workspace, 'scan.pcap');
    await edgeguard(['synth', '-o', capture, '--seed', '8', '--duration', '120', '--attack', 'port-scan@60+20']);
    const { code, stdout, stderr } = await edgeguard(['detect', file, capture]);
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /[\d,]+ packets in [\d,]+ flows, [\d,]+ records scored by the native engine, [\d,]+ alerts? in \d+ episodes?, told in \d+ events\n/,
    );
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.length).toBeGreaterThan(1);
    expect(events.every(({ event_type }) => event_type === 'alert')).toBe(true);
  });

  it('looks at rows of a table, as Arrow and as CSV alike', async () => {
    const [capture, arrow, csv] = ['scan.pcap', 'flows.arrow', 'flows.csv'].map((name) => join(workspace, name));
    await edgeguard(['meter', capture!, '--tcp-close', '-o', arrow!]);
    await edgeguard(['meter', capture!, '--tcp-close', '-o', csv!]);
    const own = async (table: string) =>
      (await edgeguard(['detect', file, table])).stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).alert.context.edgeguard)
        .map(({ row, score, contributions }) => [row.number, score, contributions]);
    const alerts = await own(arrow!);
    expect(alerts.length).toBeGreaterThan(5);
    expect(await own(csv!)).toEqual(alerts);
  });
});

it('rows with NaN or infinity are left out, and counted', async () => {
  const path = join(artifacts, 'collect', 'flows.arrow');
  const reader = await DatasetReader.open(path);
  const first = await reader.batch(0);
  const columns = Object.fromEntries(
    reader.schema.columns.map(({ name, type }) => {
      if (type === 'utf8') return [name, first.strings(name)];
      return [name, type === 'int64' || type === 'timestamp' ? first.bigints(name) : first.numbers(name).slice()];
    }),
  );
  const [feature] = featuresOf(reader.schema).filter(({ kind }) => kind === 'seconds');
  const values = columns[feature!.name] as Float32Array;
  values[5] = Number.NaN;
  values[6] = Infinity;
  const metadata = Object.fromEntries(reader.metadata);
  const writer = new DatasetWriter(path, reader.schema, metadata);
  await writer.write({ length: first.length, columns });
  await writer.close();
  await reader.close();
  const { code } = await run('preprocess');
  expect(code).toBe(0);
  const manifest = JSON.parse(readFileSync(join(artifacts, 'preprocess', 'manifest.json'), 'utf8'));
  expect(Object.values(manifest.dropped)).toContain(2);
});
