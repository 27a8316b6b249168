import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDetector } from '@edgeguard/detection';
import { generateTraffic } from '@edgeguard/sources';
import { SeededRandom } from '@edgeguard/transform';
import { whySkipped } from '../../../packages/runtime/test/real-data.ts';
import { zScoreDetector } from '../../../packages/runtime/test/z-score-detector.ts';
import { withDetector } from '../src/detection/run-pipeline.ts';
import { FrameKeeper } from '../src/explanations/capture-frames.ts';
import { changeFlows } from '../src/explanations/changed-flows.ts';
import { constructAnomalies } from '../src/explanations/constructed-anomalies.ts';
import { judge } from '../src/explanations/judge-explanation.ts';
import { readNormalRows } from '../src/explanations/normal-rows.ts';
import { PACKET_CHANGES } from '../src/explanations/packet-changes.ts';

const noData = whySkipped('nsl-kdd');

describe.skipIf(noData)(`anomalies made of real normal rows${noData}`, () => {
  it('are explained by what was changed, and silenced by what the counterfactual says', { timeout: 300_000 }, () =>
    withDetector('nsl-kdd', 1, async (artifacts) => {
      const detector = await openDetector(join(artifacts, 'convert', 'detector.int8.tflite'));
      const { rows, count } = await readNormalRows(join(artifacts, 'preprocess', 'test.arrow'), detector);
      const { anomalies } = constructAnomalies(detector, rows, count, 100, 1, new SeededRandom(7));
      expect(anomalies.length).toBe(100);
      const judged = anomalies.map(({ feature, row }) => {
        const { name, family } = detector.document.schema.features[feature]!;
        return judge(detector, row, [name], family === undefined ? [] : [family]);
      });
      expect(judged.filter(({ found }) => found).length).toBeGreaterThanOrEqual(95);
      expect(judged.filter(({ counterfactual }) => counterfactual === 'above')).toEqual([]);
      expect(judged.filter(({ counterfactual }) => counterfactual === 'proven').length).toBeGreaterThan(50);
      detector.dispose();
    }),
  );
});

it('flows whose packets were changed are explained by a family that the change is about', async () => {
  const detector = await openDetector(await zScoreDetector());
  const keeper = new FrameKeeper();
  await generateTraffic({ seed: 103, durationSeconds: 120, attacks: 'none' }, keeper);
  const { flows, tried } = changeFlows(detector, [keeper.frames], 3, new SeededRandom(1));
  expect(tried).toBeGreaterThanOrEqual(flows.length);
  expect(new Set(flows.map(({ change }) => change.name)).size).toBeGreaterThan(2);
  const { families } = { families: new Set(detector.document.schema.features.map(({ family }) => family)) };
  for (const change of PACKET_CHANGES) expect(change.families.every((family) => families.has(family))).toBe(true);
  const judged = flows.map(({ change, row }) => judge(detector, row, [], change.families));
  // Each feature stands for itself in this detector: what was changed is what it names.
  expect(judged.filter(({ found }) => found).length).toBeGreaterThanOrEqual(Math.ceil(0.8 * judged.length));
  expect(judged.every(({ counterfactual }) => counterfactual !== 'above')).toBe(true);
  detector.dispose();
});
