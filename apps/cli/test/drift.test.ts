import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { featuresOf } from '@edgeguard/contracts';
import { DatasetWriter } from '@edgeguard/contracts/arrow';
import { flowSchema } from '@edgeguard/metering';
import { synthesizeCapture } from '@edgeguard/sources';
import { zScoreDetector } from '../../../packages/runtime/test/z-score-detector.ts';
import { complaint, edgeguard, scratch } from './edgeguard.ts';

const folder = scratch();
const capture = join(folder, 'normal.pcap');
const detector = join(folder, 'z.tflite');
const dataset = join(folder, 'constant.arrow');

beforeAll(async () => {
  writeFileSync(detector, await zScoreDetector(1500));
  await synthesizeCapture({ seed: 41, durationSeconds: 900, attacks: 'none' }, capture);
  const features = featuresOf(flowSchema());
  const writer = new DatasetWriter(dataset, { ...flowSchema(), columns: features });
  const values = { category: new Float32Array(1000).fill(1), other: new Float32Array(1000) };
  const columns = features.map(({ name, kind }) => [name, kind === 'category' ? values.category : values.other]);
  await writer.write({ length: 1000, columns: Object.fromEntries(columns) });
  await writer.close();
});

describe('drift', () => {
  it('looks at a capture, but not at its first ten minutes', async () => {
    const { stdout, code } = await edgeguard(['drift', detector, capture, '--json']);
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report.coldStart).toBeGreaterThan(500);
    expect(report.rows).toBeGreaterThan(300);
    expect(report.blocks).toBeGreaterThan(1);
    expect(report.clock).toBe('seconds');
    expect(report.signals.length).toBeGreaterThan(featuresOf(flowSchema()).length);
    const text = (await edgeguard(['drift', detector, capture])).stdout;
    expect(text.split('\n')[0]).toMatch(
      new RegExp(`^drift: ${report.state}.*; \\d+ changes? of state in ${report.blocks} blocks$`),
    );
  });

  it('calls rows that never vary a changed sensor, and says which features', async () => {
    const { stdout } = await edgeguard(['drift', detector, dataset]);
    expect(stdout).toMatch(/^drift: drifted, the sensor seems to have changed; /);
    expect(stdout).toMatch(/\nsensor +traffic in one direction only +- +- +5 of 5 +\d+\n/);
    expect(stdout).toMatch(/\nsensor +duration is constant +- +- +5 of 5 +\d+\n/);
    // These rows have no time, and so no date.
    expect(stdout).toMatch(/\nrow \d+ {2}drifted: the sensor seems to have changed: /);
    expect(JSON.parse((await edgeguard(['drift', detector, dataset, '--json'])).stdout).clock).toBe('rows');
  });

  it('is part of detect where that is asked for', async () => {
    const { stderr } = await edgeguard(['detect', detector, capture, '--drift', '--format', 'eve']);
    expect(stderr).toMatch(/\ndrift: (stable|watch|drifted).* in \d+ blocks\n$/);
    expect((await edgeguard(['detect', detector, capture, '--format', 'eve'])).stderr).not.toMatch(/drift:/);
  });

  it('refuses a detector that cannot tell, a mixture of sources, and rows of another kind', async () => {
    const short = join(folder, 'short.tflite');
    writeFileSync(short, await zScoreDetector());
    expect(complaint(await edgeguard(['drift', short, capture]))).toMatch(/drift cannot be told; convert again/);
    expect((await edgeguard(['drift', detector, capture, dataset])).code).toBe(2);
    expect(complaint(await edgeguard(['drift', detector, join(folder, 'none.arrow')]))).toMatch(/none\.arrow/);
  });
});
