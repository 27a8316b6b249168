import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { featuresOf } from '@edgeguard/contracts';
import { DatasetWriter } from '@edgeguard/contracts/arrow';
import { budgetTable, describeTail, pValueTable, readDetectorFile } from '@edgeguard/detection';
import { flowSchema } from '@edgeguard/metering';
import { synthesizeCapture } from '@edgeguard/sources';
import { zScoreDetector } from '../../../packages/runtime/test/z-score-detector.ts';
import { thresholdTable } from '../src/threshold/threshold-table.ts';
import { complaint, edgeguard, scratch } from './edgeguard.ts';

const folder = scratch();
const capture = join(folder, 'scan.pcap');
const detector = join(folder, 'z.tflite');
const policy = `${detector}.policy.json`;

beforeAll(async () => {
  writeFileSync(detector, await zScoreDetector());
  const scan = [{ kind: 'port-scan', start: 20, duration: 10 }];
  await synthesizeCapture({ seed: 31, durationSeconds: 60, attacks: scan }, capture);
});

/** Alerts that `detect` counts. */
async function alerts(...options: string[]): Promise<number> {
  const { stdout } = await edgeguard(['detect', detector, capture, '--format', 'eve', ...options]);
  return stdout.split('\n').length - 1;
}

describe('threshold', () => {
  it('shows what budgets cost, names those that it cannot support, and changes nothing', async () => {
    const { code, stdout, stderr } = await edgeguard(['threshold', detector]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^budget +alert above +promised at most +expected +at most, whichever is chosen\n/);
    expect(stdout).toMatch(/\nin force +[\d.]+ +1 % +[\d.]+ % +[\d.]+ %\n/);
    expect(stdout).toMatch(/\n1% +[\d.]+ +1 % +0\.\d+ % +1\.\d+ %\n/);
    expect(stdout).toMatch(
      /\nFrom \d+ calibration scores; what may be taken as independent: rows without time, so no blocks\./,
    );
    expect(stdout).toMatch(
      /0\.01%: .* calibration rows cannot promise .* that needs \d+; calibrate with \d+ more rows/,
    );
    expect(existsSync(policy)).toBe(false);
  });

  it('puts a budget into force that detect keeps to, and leaves the detector file alone', async () => {
    const before = readFileSync(detector);
    const own = await alerts('--each');
    const args = ['threshold', detector, '--budget', 'quantile=0.5', '--reason', 'to see more', '--by', 'a tester'];
    expect((await edgeguard(args)).stderr).toMatch(/alert above [\d.]+ from now on: .*z\.tflite\.policy\.json\n$/);
    expect(readFileSync(detector).equals(before)).toBe(true);
    expect(await alerts('--each')).toBeGreaterThan(own);
    const [change] = JSON.parse(readFileSync(policy, 'utf8')).history;
    expect(change).toMatchObject({ by: 'a tester', reason: 'to see more', budget: 'quantile=0.5', exploratory: false });
    const { threshold } = change;
    expect(await alerts('--each', '--threshold', String(threshold))).toBe(await alerts('--each'));
  });

  it('counts alerts of a capture under each threshold, and calls a choice after that exploratory', async () => {
    const { stdout } = await edgeguard([
      'threshold',
      detector,
      '--compare',
      '1%',
      '--budget',
      'score=1e9',
      '--what-if',
      capture,
    ]);
    const counts = stdout
      .split('\n')
      .slice(2, 5)
      .map((line) => Number(line.trim().split(/\s+/).at(-2)));
    expect(counts[0]).toBe(
      await alerts('--each', '--threshold', String(JSON.parse(readFileSync(policy, 'utf8')).history[0].threshold)),
    );
    expect(counts[2]).toBe(0);
    const [inForce] = stdout.split('\n').slice(2);
    const episodes = Number(inForce!.trim().split(/\s+/).at(-1));
    expect(episodes).toBeGreaterThan(0);
    expect(episodes).toBeLessThan(counts[0]!);
    expect(
      JSON.parse(readFileSync(policy, 'utf8')).history.map(({ exploratory }: { exploratory: boolean }) => exploratory),
    ).toEqual([false, true]);
  });

  it('refuses a budget that the calibration cannot support, and one that is none', async () => {
    const before = readFileSync(policy);
    expect(complaint(await edgeguard(['threshold', detector, '--budget', '0.0001%']))).toMatch(
      /that needs \d+; calibrate with/,
    );
    expect(complaint(await edgeguard(['threshold', detector, '--budget', 'few']))).toMatch(
      /not a budget; say 0\.1%, 5\/day/,
    );
    expect(readFileSync(policy).equals(before)).toBe(true);
  });

  it('extrapolates only where that is asked for and a tail fits, and labels it', async () => {
    const other = join(folder, 'extrapolated.json');
    const args = ['threshold', detector, '--budget', '0.01%', '--policy', other];
    expect(complaint(await edgeguard(args))).toMatch(/cannot be supported/);
    expect(complaint(await edgeguard([...args, '--extrapolate']))).toMatch(
      /extrapolation is refused: .*clusters above the level are no tail: that needs 50/,
    );
    expect(existsSync(other)).toBe(false);
    const { document } = await readDetectorFile(detector);
    const scores = Float32Array.from({ length: 4000 }, (_, i) => -Math.log(((i * 1597) % 4001) / 4001 || 1e-4));
    const tail = describeTail(scores);
    const fitting = { ...document, pValues: pValueTable(scores), calibration: { tail, categories: [] } };
    const lines = budgetTable(fitting, ['score=1', '0.01%'], { extrapolate: true });
    const table = thresholdTable({ lines, document: fitting, confidence: 0.95 });
    expect(table).toMatch(/\n0\.01% +[\d.]+ +nothing: EXTRAPOLATED /);
    expect(table).toMatch(/EXTRAPOLATION beyond the calibration scores.*95 % interval [\d.]+ to [\d.]+\.$/);
  });

  it('shows detection and precision on labelled rows, and calls a choice after that exploratory', async () => {
    const features = featuresOf(flowSchema());
    const path = join(folder, 'labelled.arrow');
    const schema = { ...flowSchema(), columns: [...features, { name: 'label', role: 'label', type: 'utf8' } as const] };
    const writer = new DatasetWriter(path, schema);
    // Forty rows of zeros, which score low, and ten of huge values.
    const label = Array.from({ length: 50 }, (_, row) => (row < 40 ? 'normal' : 'attack'));
    const values = Float32Array.from(label, (each) => (each === 'attack' ? 1e6 : 0));
    const codes = Float32Array.from(label, () => 1);
    const columns = Object.fromEntries(features.map(({ name, kind }) => [name, kind === 'category' ? codes : values]));
    await writer.write({ length: 50, columns: { ...columns, label } });
    await writer.close();
    const other = join(folder, 'labelled.json');
    const args = ['threshold', detector, '--budget', 'score=100', '--labelled', path, '--policy', other];
    const { stdout } = await edgeguard(args);
    expect(stdout).toMatch(/ detection +precision\n/);
    expect(stdout).toMatch(/\nscore=100 .* 100 % +100 %\n/);
    expect(JSON.parse(readFileSync(other, 'utf8')).history[0]).toMatchObject({ exploratory: true });
    const later = (await edgeguard(['threshold', detector, '--policy', other])).stdout;
    expect(later).toMatch(
      /\nin force\* +100 .*\n\* chosen after a look .*\(exploratory\): its own promise does not hold/s,
    );
    // With a threshold for each category, what these find.
    const per = ['--budget', '1%', '--per', 'protocol_class', '--labelled', path, '--policy', other];
    expect((await edgeguard(['threshold', detector, ...per])).stdout).toMatch(
      /\n1% +by protocol_class +1 % +[\d.]+ % +- .* 100 % +100 %\n/,
    );
    expect((await edgeguard(['threshold', detector, '--policy', other])).stdout).toMatch(
      /\nin force\* +by protocol_class .*\n\nIn force:\nprotocol_class +alert above /s,
    );
    expect(complaint(await edgeguard(['threshold', detector, '--labelled', capture]))).toMatch(/scan\.pcap/);
  });

  it('puts a threshold for each category into force', async () => {
    const other = join(folder, 'categories.json');
    const args = ['threshold', detector, '--budget', '1%', '--per', 'protocol_class', '--policy', other];
    const { stdout } = await edgeguard([...args, '--loosest', '1']);
    expect(stdout).toMatch(/\nprotocol_class +alert above +calibration rows +promise kept\n/);
    const [{ threshold, categories }] = JSON.parse(readFileSync(other, 'utf8')).history;
    expect(categories.groups.length).toBeGreaterThan(0);
    for (const group of categories.groups) expect(group.threshold).toBeLessThanOrEqual(threshold);
    const found = await alerts('--policy', other);
    expect(found).toBeGreaterThanOrEqual(await alerts('--threshold', String(threshold)));
    // A policy that lets tcp through says so by its alerts.
    const deaf = JSON.parse(readFileSync(other, 'utf8'));
    for (const group of deaf.history[0].categories.groups) group.threshold = 1e9;
    deaf.history[0].categories.rest.threshold = 1e9;
    writeFileSync(other, JSON.stringify(deaf));
    expect(await alerts('--policy', other)).toBe(0);
    expect(complaint(await edgeguard([...args.slice(0, 4), '--per', 'colour']))).toMatch(
      /name one of .*protocol_class/,
    );
  });

  it('refuses a policy of another model', async () => {
    const other = join(folder, 'other.json');
    const foreign = { ...JSON.parse(readFileSync(policy, 'utf8')), modelDigest: '0'.repeat(64) };
    writeFileSync(other, JSON.stringify(foreign));
    expect(complaint(await edgeguard(['detect', detector, capture, '--policy', other]))).toMatch(
      /it is for another model/,
    );
  });
});

it('detect tells a scan in a few events', async () => {
  const all = await alerts('--each', '--threshold', '8');
  const told = await alerts('--threshold', '8');
  expect(told).toBeGreaterThan(1);
  expect(told).toBeLessThan(all / 3);
});
