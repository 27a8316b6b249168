import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openDetector } from '@edgeguard/detection';
import { generateTraffic } from '@edgeguard/sources';
import { SeededRandom } from '@edgeguard/transform';
import { withDetector } from '../src/detection/run-pipeline.ts';
import { FrameKeeper } from '../src/explanations/capture-frames.ts';
import { changedBy, changeFlows } from '../src/explanations/changed-flows.ts';
import { constructAnomalies } from '../src/explanations/constructed-anomalies.ts';
import { type Judgement, judge } from '../src/explanations/judge-explanation.ts';
import { readNormalRows } from '../src/explanations/normal-rows.ts';
import { PACKET_CHANGES } from '../src/explanations/packet-changes.ts';

const NORMAL_TRAFFIC = { kind: 'synthetic', durationSeconds: 43_200, hosts: 30, activity: 0.06, attacks: [] };

/** The demo's detector of half a day of its traffic, in epochs enough to learn what goes together. */
function smallDemo(config: Record<string, unknown>): void {
  config['collect'] = { ...(config['collect'] as object), source: NORMAL_TRAFFIC };
  config['train'] = { epochs: 20 };
  config['convert'] = { threshold: { falseAlarmRate: 0.01, confidence: 0.95 } };
}

const found = (judged: readonly Judgement[]): number => judged.filter((each) => each.found).length;
const proofs = (judged: readonly Judgement[], kind: Judgement['counterfactual']): number =>
  judged.filter(({ counterfactual }) => counterfactual === kind).length;

// The whole of it, on real data: npm run bench -- explanations.
it(
  'anomalies that were made are explained by what was changed, and silenced by what explanations say',
  {
    timeout: 900_000,
  },
  () =>
    withDetector(
      'demo',
      1,
      async (artifacts) => {
        const detector = await openDetector(join(artifacts, 'convert', 'detector.int8.tflite'));
        const threshold = detector.document.threshold.value;
        const { rows, count } = await readNormalRows(join(artifacts, 'preprocess', 'test.arrow'), detector);
        const options = { wanted: 100, threshold, mostBefore: 0.5 };
        const { anomalies } = constructAnomalies(detector, rows, count, options, new SeededRandom(7));
        expect(anomalies.length).toBe(100);
        expect(new Set(anomalies.map(({ feature }) => feature)).size).toBeGreaterThan(10);
        const judged = anomalies.map(({ feature, row }) => {
          const { name, family } = detector.document.schema.features[feature]!;
          return judge(detector, row, threshold, {
            isFeature: (other) => other === name,
            families: family === undefined ? [] : [family],
          });
        });
        expect(found(judged)).toBeGreaterThanOrEqual(95);
        expect(proofs(judged, 'above')).toBe(0);
        expect(proofs(judged, 'proven')).toBeGreaterThanOrEqual(90);

        const keeper = new FrameKeeper();
        await generateTraffic({ seed: 103, durationSeconds: 120, attacks: 'none' }, keeper);
        const names = detector.document.schema.features.map(({ name }) => name);
        for (const { features } of PACKET_CHANGES) {
          const about = names.filter((name) => features.test(name)).length;
          expect(about).toBeGreaterThan(0);
          expect(about).toBeLessThan(names.length / 3);
        }
        const few = { ...options, wanted: 10 };
        const { flows } = changeFlows(detector, [keeper.frames], few, new SeededRandom(1));
        const kinds = new Set(flows.map(({ change }) => change.name));
        expect(kinds.size).toBeGreaterThan(2);
        // Which lifted no flow of the real captures above a threshold.
        expect(kinds).toContain('a pause');
        const ofPackets = flows.map(({ change, row }) => judge(detector, row, threshold, changedBy(change)));
        // Far more than chance: three features drawn at random for each.
        const byChance = ofPackets.reduce((sum, { chance }) => sum + chance, 0);
        const deviation = Math.sqrt(ofPackets.reduce((sum, { chance }) => sum + chance * (1 - chance), 0));
        expect(found(ofPackets)).toBeGreaterThan(byChance + 2 * deviation);
        expect(found(judged) + found(ofPackets)).toBeGreaterThanOrEqual(0.95 * (judged.length + ofPackets.length));
        expect(proofs(ofPackets, 'above')).toBe(0);
        detector.dispose();
      },
      smallDemo,
    ),
);
