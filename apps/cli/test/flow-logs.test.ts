import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { coreZScoreDetector } from '../../../packages/runtime/test/z-score-detector.ts';
import { edgeguard } from './edgeguard.ts';

const folder = mkdtempSync(join(tmpdir(), 'edgeguard-cli-flow-logs-'));
const detector = join(folder, 'core.tflite');

/** A connection that moves more than any normal one. */
const LINE = `${JSON.stringify({
  ts: 1_767_600_000.5,
  uid: 'CfykLO1IT1nVRJhLA3',
  'id.orig_h': '10.0.0.9',
  'id.orig_p': 50_000,
  'id.resp_h': '203.0.113.5',
  'id.resp_p': 31_337,
  proto: 'tcp',
  duration: 0.5,
  history: 'ShAR',
  orig_pkts: 900_000,
  orig_ip_bytes: 900_000_000,
  resp_pkts: 1,
  resp_ip_bytes: 40,
})}\n`;

beforeAll(async () => writeFileSync(detector, await coreZScoreDetector()));

describe('edgeguard detect --flow-log', () => {
  it('reads a log from standard input and keeps the name of the flow', async () => {
    const { code, stdout, stderr } = await edgeguard(['detect', detector, '-', '--flow-log', 'auto', '--each'], {
      stdin: LINE,
    });
    expect({ code, lines: stdout.trim().split('\n').length }).toEqual({ code: 0, lines: 1 });
    const { alert } = JSON.parse(stdout) as { alert: { context: { edgeguard: Record<string, unknown> } } };
    expect(alert.context.edgeguard['sensor']).toEqual({ name: 'zeek', uid: 'CfykLO1IT1nVRJhLA3' });
    expect(stderr).toContain('900,001 packets in 1 flow, 1 record scored');
  });

  it.each([
    [['detect', detector, 'c.log', '--follow'], /--follow is for a flow log/],
    [['detect', detector, '-i', 'eth0', '--flow-log', 'zeek'], /either an interface/],
    [['detect', detector, 'c.log', '--flow-log', 'auto', '--follow'], /of what format/],
  ])('%j is wrong usage', async (args, message) => {
    const { code, stderr } = await edgeguard(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});
