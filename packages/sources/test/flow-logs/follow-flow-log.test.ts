import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { followFlowLog } from '../../src/index.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgeguard-follow-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function record(id: number): string {
  const flow = { pkts_toserver: 1, start: '2023-11-14T22:13:22.049037+0000' };
  return `${JSON.stringify({ event_type: 'flow', flow_id: id, src_ip: '10.0.0.1', dest_ip: '10.0.0.2', proto: 'UDP', flow })}\n`;
}

/** Follows a log and lets a test wait for flows. */
function follow(path: string, fromBeginning = true) {
  const controller = new AbortController();
  const seen: number[] = [];
  const report = followFlowLog(path, (flow) => seen.push(Number(flow.sensorId)), {
    format: 'suricata-eve',
    fromBeginning,
    pollSeconds: 0.01,
    signal: controller.signal,
  });
  const until = async (count: number) => {
    for (let tries = 0; seen.length < count && tries < 1000; tries++) await setTimeout(10);
    expect(seen).toHaveLength(count);
  };
  return { seen, until, end: () => (controller.abort(), report) };
}

it('waits for the file, reads what is appended, and keeps half a line until it is whole', async () => {
  const path = join(folder, 'appended.json');
  const log = follow(path);
  await setTimeout(30);
  writeFileSync(path, record(1) + record(2));
  await log.until(2);
  appendFileSync(path, record(3).slice(0, 20));
  await setTimeout(50);
  expect(log.seen).toEqual([1, 2]);
  appendFileSync(path, record(3).slice(20) + record(4));
  await log.until(4);
  expect(await log.end()).toMatchObject({ flows: 4, rotations: 0, malformed: new Map() });
});

it('reads a rotated file to its end and the new one from its beginning', async () => {
  const path = join(folder, 'rotated.json');
  writeFileSync(path, record(1));
  const log = follow(path);
  await log.until(1);
  appendFileSync(path, record(2));
  renameSync(path, `${path}.1`);
  appendFileSync(`${path}.1`, record(3));
  writeFileSync(path, record(4));
  await log.until(4);
  expect(log.seen).toEqual([1, 2, 3, 4]);
  expect(await log.end()).toMatchObject({ flows: 4, rotations: 1 });
});

it('begins anew when the file is cut to nothing', async () => {
  const path = join(folder, 'cut.json');
  writeFileSync(path, record(1) + record(2));
  const log = follow(path);
  await log.until(2);
  truncateSync(path);
  await setTimeout(60);
  appendFileSync(path, record(3));
  await log.until(3);
  expect(await log.end()).toMatchObject({ flows: 3, rotations: 1 });
});

it('leaves out what was there before when asked to', async () => {
  const path = join(folder, 'later.json');
  writeFileSync(path, record(1));
  const log = follow(path, false);
  // Nobody says when it has looked at the file for the first time.
  for (let id = 2; log.seen.length === 0 && id < 1000; id++) {
    appendFileSync(path, record(id));
    await setTimeout(10);
  }
  await log.end();
  expect(log.seen.length).toBeGreaterThan(0);
  expect(log.seen).not.toContain(1);
});
