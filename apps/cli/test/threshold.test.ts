import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { synthesizeCapture } from '@edgeguard/sources';
import { zScoreDetector } from '../../../packages/runtime/test/z-score-detector.ts';
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
    expect(stdout).toMatch(/^budget +alert above +promised at most +expected\n/);
    expect(stdout).toMatch(/\n1% +[\d.]+ +1 % +0\.\d+ %\n/);
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
      .map((line) => Number(line.trim().split(/\s+/).at(-1)));
    expect(counts[0]).toBe(
      await alerts('--each', '--threshold', String(JSON.parse(readFileSync(policy, 'utf8')).history[0].threshold)),
    );
    expect(counts[2]).toBe(0);
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
