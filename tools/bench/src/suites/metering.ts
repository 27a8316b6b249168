import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dataFolder, findWorkspaceRoot } from '@edgeguard/contracts/stage';
import { cpuSecondsOfCommand, isInstalled } from '../harness/cpu-time.ts';
import { median } from '../harness/median.ts';
import { printTable } from '../harness/table.ts';
import { buildCaptureFromReal } from '../traffic/real-capture.ts';
import { buildSyntheticCapture } from '../traffic/synthetic-capture.ts';

/** Enough that starting Node, about half a second, is a small part: a sensor runs for days. */
const PACKETS = 5_000_000;
const RUNS = 3;

interface Contender {
  readonly name: string;
  readonly command: string;
  readonly parameters: (capture: string) => string[];
}

const METER = fileURLToPath(new URL('../workers/meter-capture.js', import.meta.url));

const OURS: readonly Contender[] = [
  { name: 'EdgeGuard, all features', command: process.execPath, parameters: (c) => [METER, c, 'detection'] },
  { name: 'EdgeGuard, flows only', command: process.execPath, parameters: (c) => [METER, c, 'accounting'] },
];

const PEERS: readonly Contender[] = [
  // To standard output, which is /dev/null: as root tcpdump gives a file that it names to its own user.
  { name: 'tcpdump -w - >/dev/null', command: 'tcpdump', parameters: (c) => ['-r', c, '-w', '-'] },
  {
    name: 'softflowd',
    command: 'softflowd',
    // Room for as many flows as ours, IPv6 too, the same timeouts where it has them, in the foreground.
    parameters: (c) => [
      '-r',
      c,
      '-d',
      '-6',
      '-m',
      '262144',
      '-t',
      'maxlife=1800',
      '-p',
      join(c, '..', 'softflowd.pid'),
      '-c',
      'none',
    ],
  },
  { name: 'nfpcapd', command: 'nfpcapd', parameters: (c) => ['-r', c, '-w', join(c, '..', 'nfpcapd')] },
  { name: 'argus', command: 'argus', parameters: (c) => ['-r', c, '-w', '-'] },
];

/** Metering of one large capture, by CPU time of whole processes run in turn. */
export async function benchMetering(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'edgeguard-bench-'));
  try {
    const capture = join(folder, 'capture.pcap');
    mkdirSync(join(folder, 'nfpcapd'));
    const { packets, description } = await buildCapture(capture);
    const contenders = [...OURS, ...PEERS.filter((peer) => isInstalled(peer.command))];
    const absent = PEERS.filter((peer) => !contenders.includes(peer)).map((peer) => peer.command);
    const seconds = new Map(contenders.map((c) => [c, [] as number[]]));
    // In turn, so that a change of the machine's speed meets all of them.
    for (let run = 0; run < RUNS; run++) {
      for (const contender of contenders) {
        seconds.get(contender)!.push(cpuSecondsOfCommand(contender.command, contender.parameters(capture)));
      }
    }
    const softflowd = contenders.find((c) => c.command === 'softflowd');
    const base = softflowd && median(seconds.get(softflowd)!);
    printTable(
      `metering: ${packets} packets (${description}), CPU seconds, median of ${RUNS}`,
      ['', 'CPU s', 'min', 'max', 'Mpkt/CPU s', 'speed / softflowd'],
      contenders.map((contender) => {
        const runs = seconds.get(contender)!;
        const cpu = median(runs);
        return [
          contender.name,
          cpu.toFixed(2),
          Math.min(...runs).toFixed(2),
          Math.max(...runs).toFixed(2),
          (packets / cpu / 1e6).toFixed(2),
          base === undefined ? '-' : `${(base / cpu).toFixed(2)}x`,
        ];
      }),
    );
    if (absent.length > 0) process.stdout.write(`not installed, left out: ${absent.join(', ')}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function buildCapture(path: string): Promise<{ packets: number; description: string }> {
  const real = join(dataFolder(findWorkspaceRoot(process.cwd())), 'captures', 'nfstream');
  if (existsSync(real)) {
    const packets = await buildCaptureFromReal(join(real, '*.pcap*'), path, PACKETS);
    return { packets, description: 'real captures, repeated with other addresses, 256 bytes a frame' };
  }
  return {
    packets: await buildSyntheticCapture(path, PACKETS),
    description: 'synthetic, since there are no real captures',
  };
}
