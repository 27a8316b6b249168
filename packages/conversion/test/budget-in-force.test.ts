import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PipelineConfigSchema } from '@edgeguard/contracts';
import { createLogger, runStage } from '@edgeguard/contracts/stage';
import { openDetector } from '@edgeguard/detection';
import { describe, expect, it } from 'vitest';
import { budgetInForce, looserThanUsual } from '../src/calibration/budget-in-force.ts';
import { conversionStage } from '../src/index.ts';
import { makeFixture } from './support/fixture.ts';

const asked = (threshold: object) =>
  PipelineConfigSchema.parse({
    collect: { source: { kind: 'synthetic', durationSeconds: 60 } },
    convert: { threshold },
  }).convert.threshold;

describe('the budget in force', () => {
  it('is the one of the config, whatever the rows', () => {
    expect(budgetInForce(asked({ falseAlarmRate: 0.001 }), 10)).toEqual({ falseAlarmRate: 0.001, confidence: 0.95 });
    expect(looserThanUsual(asked({ falseAlarmRate: 0.01 }), { falseAlarmRate: 0.01, confidence: 0.95 }, 10)).toBe(
      undefined,
    );
  });

  it.each([
    [100_000, 0.001],
    [2995, 0.001],
    [2994, 0.002],
    [1934, 0.002],
    [299, 0.01],
    [59, 0.05],
    // Refused by the threshold, with how many more it needs.
    [58, 0.05],
  ])('without a rate is the strictest usual one that %i rows support: %d', (rows, falseAlarmRate) => {
    const budget = budgetInForce(asked({}), rows);
    expect(budget).toEqual({ falseAlarmRate, confidence: 0.95 });
    expect(looserThanUsual(asked({}), budget, rows) !== undefined).toBe(falseAlarmRate > 0.001);
  });

  it('needs fewer rows for less confidence', () => {
    expect(budgetInForce(asked({ confidence: 0.8 }), 1934)).toEqual({ falseAlarmRate: 0.001, confidence: 0.8 });
  });

  it('goes into the detector, and the manifest says why it is looser', async () => {
    const fixture = await makeFixture({ calibrationRows: 400, convert: { threshold: {} } });
    await runStage(conversionStage, fixture, new AbortController().signal, createLogger('convert', 'silent'));
    const output = join(fixture.artifacts, 'convert');
    const detector = await openDetector(join(output, 'detector.int8.tflite'), { engine: 'reference' });
    expect(detector.document.threshold).toMatchObject({ falseAlarmRate: 0.01, confidence: 0.95, rows: 400 });
    detector.dispose();
    expect(JSON.parse(await readFile(join(output, 'manifest.json'), 'utf8')).notes[0]).toBe(
      '400 calibration rows cannot promise 0.1 % false alarms, so 1 % is promised; add normal rows, or name what you can ' +
        'bear in convert.threshold.falseAlarmRate',
    );
    await rm(fixture.root, { recursive: true });
  });
});
