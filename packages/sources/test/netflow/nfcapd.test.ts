import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type ExportedFlow, NetFlowDecoder, synthesizeCapture } from '../../src/index.ts';
import { hasTool } from '../support/tools.ts';

const MISSING = ['softflowd', 'nfcapd', 'nfdump'].filter((name) => !hasTool(name));
const COLUMNS = '%ts;%te;%pr;%sa;%sp;%da;%dp;%pkt;%byt;%flg';
/** nfdump's letters for TCP flags, the highest bit first. */
const FLAG_LETTERS = 'CEUAPRSF';

/** A free UDP port. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

/** Waits until nfcapd says that it has started. */
async function started(collector: ChildProcess): Promise<void> {
  let said = '';
  const listening = new Promise<void>((resolve) => {
    for (const stream of [collector.stdout, collector.stderr]) {
      stream?.on('data', (text) => {
        said += text;
        if (said.includes('Startup')) resolve();
      });
    }
  });
  await Promise.race([listening, setTimeout(5000)]);
  await setTimeout(200);
}

/** Exports a capture with softflowd; every message goes to our decoder and to nfcapd. */
async function exportToBoth(capture: string, version: string, folder: string) {
  const port = await freePort();
  const args = ['-p', String(port), '-b', '127.0.0.1', '-w', folder, '-l', folder, '-t', '3600'];
  const collector = spawn('nfcapd', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  await started(collector);
  const ours: ExportedFlow[] = [];
  const decoder = new NetFlowDecoder((flow) => ours.push(flow));
  const socket = createSocket('udp4');
  socket.on('message', (message) => {
    decoder.message(message, 'softflowd');
    socket.send(message, port, '127.0.0.1');
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const target = `127.0.0.1:${socket.address().port}`;
  const exporter = spawn('softflowd', ['-r', capture, '-n', target, '-v', version, '-d', '-6', '-a'], {
    stdio: 'ignore',
  });
  await once(exporter, 'close');
  await setTimeout(500);
  collector.kill('SIGTERM');
  await once(collector, 'close');
  socket.close();
  const env = { ...process.env, TZ: 'UTC' };
  const listed = execFileSync('nfdump', ['-R', folder, '-q', '-N', '-6', '-o', `fmt:${COLUMNS}`], {
    env,
    maxBuffer: 1 << 26,
  });
  const rows = listed
    .toString()
    .split('\n')
    .filter((line) => line.includes(';'));
  return { ours, theirs: rows.map((row) => row.split(';').map((cell) => cell.trim())) };
}

function describeOurs(flow: ExportedFlow): string[] {
  const time = (instant: bigint) => new Date(Number(instant / 1_000_000n)).toISOString().slice(0, 23).replace('T', ' ');
  const flags = [...FLAG_LETTERS].map((letter, i) => (((flow.tcpFlags ?? 0) >> (7 - i)) & 1 ? letter : '.')).join('');
  const { protocol, srcIp, srcPort, dstIp, dstPort, packets, bytes } = flow;
  return [time(flow.start), time(flow.end), protocol, srcIp, srcPort, dstIp, dstPort, packets, bytes, flags].map(
    String,
  );
}

/** Rows as sorted text: TCP and UDP only, since ICMP's type takes the place of a port differently. */
function comparable(rows: readonly string[][], withTimes: boolean): string[] {
  return rows
    .filter(([, , protocol]) => protocol === '6' || protocol === '17')
    .map((row) => {
      const flags = row[2] === '6' ? row[9] : '';
      return [...row.slice(withTimes ? 0 : 2, 9), flags].join(' ');
    })
    .sort();
}

describe.skipIf(MISSING.length > 0)(
  `softflowd's export read by us and by nfcapd (${MISSING.length > 0 ? `not installed: ${MISSING.join(', ')}` : 'compared'})`,
  () => {
    it.each([
      ['5', true],
      // nfdump 1.7.1 takes an uptime of 0 for 1970 here, and start for end in IPFIX.
      ['9', false],
      ['10', false],
    ])('says the same in version %s', async (version, withTimes) => {
      const folder = mkdtempSync(join(tmpdir(), 'edgeguard-nfcapd-'));
      try {
        const capture = join(folder, 'capture.pcap');
        await synthesizeCapture({ seed: 4, durationSeconds: 300, attacks: 'none' }, capture);
        const { ours, theirs } = await exportToBoth(capture, version, folder);
        const rows = comparable(ours.map(describeOurs), withTimes);
        expect(rows.length).toBeGreaterThan(500);
        expect(rows).toEqual(comparable(theirs, withTimes));
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  },
);
