import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CoreFlow,
  listenNetFlow,
  type ListenOptions,
  readIpfixFiles,
  synthesizeCapture,
} from '../../src/index.ts';
import { hasTool } from '../support/tools.ts';
import { exportWithSoftflowd } from './softflowd.ts';
import { ipfix, Message, set, v5 } from './messages.ts';

const HAS_SOFTFLOWD = hasTool('softflowd');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgeguard-netflow-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Listens on a free port while `use` runs. */
async function listen(
  use: (port: number, received: () => number) => Promise<void>,
  options: Partial<ListenOptions> = {},
) {
  const controller = new AbortController();
  const flows: CoreFlow[] = [];
  let messages = 0;
  let listening: (port: number) => void;
  const port = new Promise<number>((resolve) => (listening = resolve));
  const report = listenNetFlow((flow) => flows.push(flow), {
    port: 0,
    signal: controller.signal,
    onListening: (bound) => listening(bound),
    onProgress: (statistics) => (messages = statistics.messages),
    ...options,
  });
  try {
    await use(await port, () => messages);
  } finally {
    controller.abort();
  }
  return { flows, report: await report };
}

function send(port: number, ...messages: Uint8Array[]): Promise<void> {
  return sendFrom('127.0.0.1', port, ...messages);
}

async function sendFrom(address: string, port: number, ...messages: Uint8Array[]): Promise<void> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  for (const message of messages) {
    await new Promise<void>((resolve, reject) => {
      socket.send(message, port, '127.0.0.1', (error) => (error ? reject(error) : resolve()));
    });
  }
  socket.close();
}

async function waitFor(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition() && tries < 500; tries++) await setTimeout(10);
}

describe('listenNetFlow', () => {
  it('receives messages until it is told to end', async () => {
    const { flows, report } = await listen(async (port, received) => {
      await send(port, v5(1), Uint8Array.of(1, 2, 3), v5(2));
      await waitFor(() => received() === 3);
    });
    expect(flows).toHaveLength(2);
    expect(report).toMatchObject({ messages: 3, flows: 2, alone: 2, lost: 0, unheard: 0 });
    expect(report.malformed.size).toBe(1);
  });

  it('hears the named exporters only', async () => {
    const { report } = await listen(
      async (port, received) => {
        await sendFrom('127.0.0.1', port, v5(1));
        await sendFrom('127.0.0.2', port, v5(1));
        await waitFor(() => received() === 1);
      },
      { exporters: ['127.0.0.2'] },
    );
    expect(report).toMatchObject({ messages: 1, unheard: 1 });
  });

  it('says when the port is taken', async () => {
    await listen(async (port) => {
      const second = listenNetFlow(() => undefined, { port, signal: new AbortController().signal });
      await expect(second).rejects.toThrow(new RegExp(`UDP port ${port} on 127.0.0.1: something else listens there`));
    });
  });
});

describe('readIpfixFiles', () => {
  const template = set(2, new Message().u16(300, 5, 8, 4, 12, 4, 4, 1, 2, 4, 1, 4));
  const data = set(300, new Message().u8(10, 0, 0, 1, 10, 0, 0, 2, 17).u32(3, 300));

  it('reads message after message', async () => {
    const path = join(folder, 'flows.ipfix');
    writeFileSync(path, Buffer.concat([ipfix(0, template), ipfix(0, data), ipfix(1, data)]));
    const flows: CoreFlow[] = [];
    const [report] = await readIpfixFiles([path], (flow) => flows.push(flow));
    expect(report).toMatchObject({ messages: 3, flows: 2, lost: 0, truncatedAt: undefined });
    expect(flows[0]).toMatchObject({ sensor: 'ipfix', protocol: 17, forwardPackets: 3, forwardBytes: 300 });
  });

  it('reads a file up to its cut, and refuses what is none', async () => {
    const whole = Buffer.concat([ipfix(0, template), ipfix(0, data), ipfix(1, data)]);
    const cut = join(folder, 'cut.ipfix');
    writeFileSync(cut, whole.subarray(0, whole.length - 5));
    const [report] = await readIpfixFiles([cut], () => undefined);
    expect(report).toMatchObject({ messages: 2, flows: 1, truncatedAt: whole.length - ipfix(1, data).length });
    const text = join(folder, 'text.ipfix');
    writeFileSync(text, 'this is a line of text\n');
    await expect(readIpfixFiles([text], () => undefined)).rejects.toThrow(/byte 0: this is no IPFIX file; give/);
    const packed = gzipSync(whole);
    writeFileSync(cut, packed.subarray(0, packed.length - 12));
    const [damaged] = await readIpfixFiles([cut], () => undefined);
    expect(damaged.truncatedAt).toBeGreaterThan(0);
    writeFileSync(cut, packed.subarray(0, 12));
    await expect(readIpfixFiles([cut], () => undefined)).rejects.toThrow(
      /byte 0: the compressed file ends early; give/,
    );
    writeFileSync(text, '');
    await expect(readIpfixFiles([text], () => undefined)).rejects.toThrow(/byte 0: the file is empty/);
  });
});

describe.skipIf(!HAS_SOFTFLOWD)(
  `what softflowd exports (${HAS_SOFTFLOWD ? 'received' : 'softflowd is not installed'})`,
  () => {
    let capture: string;
    beforeAll(async () => {
      capture = join(folder, 'capture.pcap');
      await synthesizeCapture({ seed: 4, durationSeconds: 300, attacks: 'none' }, capture);
    });

    it.each([
      ['9', []],
      ['10', []],
      ['10', ['-b']],
    ])('as version %s %s agrees with its own counts', async (version, more) => {
      const { flows, report, count } = await exportWithSoftflowd(capture, version, ...more);
      const packets = flows.reduce((sum, flow) => sum + flow.forwardPackets + flow.backwardPackets, 0);
      expect(count(/Flows exported: (\d+)/)).toBeGreaterThan(100);
      // softflowd takes an echo and its reply for two flows; put together, they are one.
      const echoes = more.length > 0 ? [] : flows.filter((flow) => flow.protocol === 1 && flow.backwardPackets > 0);
      expect(flows.length + echoes.length).toBe(count(/Flows exported: (\d+)/));
      expect(report.flows).toBe(count(/\((\d+) records\)/));
      expect(packets).toBe(count(/Packets processed: (\d+)/));
      expect(report).toMatchObject({ lost: 0, withoutTemplate: 0, malformed: new Map() });
    });
  },
);
