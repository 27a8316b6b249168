import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataFolder, findWorkspaceRoot } from '@edgeguard/contracts/stage';
import { cpuSecondsOfCommand } from '../harness/cpu-time.ts';
import { median } from '../harness/median.ts';
import { printTable } from '../harness/table.ts';
import { type Contender, OURS, SOFTFLOWD, findPeers } from '../metering/contenders.ts';
import { benchFlood } from '../metering/flood.ts';
import { benchGarbage } from '../metering/garbage.ts';
import { buildCaptureFromReal } from '../traffic/real-capture.ts';
import { buildSyntheticCapture } from '../traffic/synthetic-capture.ts';

const PACKETS = 5_000_000;
/**
 * A second, shorter capture of the same traffic: what the rest of the long one costs is without starting and compiling, about
 * half a second of ours. A sensor runs for days.
 */
const FIRST_PACKETS = 1_000_000;
const RUNS = 3;

/** Metering of one large capture, by CPU time of whole processes run in turn. */
export async function benchMetering(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'edgeguard-bench-'));
  try {
    const capture = join(folder, 'capture.pcap');
    const first = join(folder, 'first.pcap');
    mkdirSync(join(folder, 'nfpcapd'));
    const { packets, description } = await buildCapture(capture, PACKETS);
    const { packets: firstPackets } = await buildCapture(first, FIRST_PACKETS);
    const { peers, absent } = findPeers();
    const contenders = [...OURS, ...peers];
    const whole = new Map(contenders.map((c) => [c, [] as number[]]));
    const beginning = new Map(contenders.map((c) => [c, [] as number[]]));
    // In turn, so that a change of the machine's speed meets all of them.
    for (let run = 0; run < RUNS; run++) {
      for (const contender of contenders) {
        if (run > 0 && contender.once) continue;
        whole.get(contender)!.push(cpuSecondsOfCommand(contender.command, contender.parameters(capture)));
        beginning.get(contender)!.push(cpuSecondsOfCommand(contender.command, contender.parameters(first)));
      }
    }
    const cpuOf = (contender: Contender): number => median(whole.get(contender)!);
    const restOf = (contender: Contender): number => cpuOf(contender) - median(beginning.get(contender)!);
    const hasBase = peers.includes(SOFTFLOWD);
    printTable(
      `metering: ${packets} packets (${description}), CPU seconds, median of ${RUNS}; "rest": without the first ${firstPackets}`,
      ['', 'CPU s', 'min', 'max', 'Mpkt/CPU s', 'speed / softflowd', 'rest ns/packet', 'rest / softflowd'],
      contenders.map((contender) => {
        const runs = whole.get(contender)!;
        const cpu = cpuOf(contender);
        const rest = restOf(contender);
        return [
          contender.name,
          cpu.toFixed(2),
          Math.min(...runs).toFixed(2),
          Math.max(...runs).toFixed(2),
          (packets / cpu / 1e6).toFixed(2),
          hasBase ? `${(cpuOf(SOFTFLOWD) / cpu).toFixed(2)}x` : '-',
          ((rest / (packets - firstPackets)) * 1e9).toFixed(0),
          hasBase ? `${(restOf(SOFTFLOWD) / rest).toFixed(2)}x` : '-',
        ];
      }),
    );
    rmSync(first);
    benchGarbage(capture);
    rmSync(capture);
    benchFlood(folder, {
      ours: packets / cpuOf(OURS[0]!),
      softflowd: hasBase ? packets / cpuOf(SOFTFLOWD) : undefined,
    });
    if (absent.length > 0) process.stdout.write(`not installed, left out: ${absent.join(', ')}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function buildCapture(path: string, least: number): Promise<{ packets: number; description: string }> {
  const real = join(dataFolder(findWorkspaceRoot(process.cwd())), 'captures', 'nfstream');
  if (existsSync(real)) {
    const packets = await buildCaptureFromReal(join(real, '*.pcap*'), path, least);
    return { packets, description: 'real captures, repeated with other addresses, 256 bytes a frame' };
  }
  return {
    packets: await buildSyntheticCapture(path, least),
    description: 'synthetic, since there are no real captures',
  };
}
