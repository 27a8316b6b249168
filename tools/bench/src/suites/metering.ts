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

/** Enough that starting Node and compiling, about half a second, is a small part: a sensor runs for days. */
const PACKETS = 5_000_000;
const RUNS = 3;

/** Metering of one large capture, by CPU time of whole processes run in turn. */
export async function benchMetering(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'edgeguard-bench-'));
  try {
    const capture = join(folder, 'capture.pcap');
    mkdirSync(join(folder, 'nfpcapd'));
    const { packets, description } = await buildCapture(capture);
    const { peers, absent } = findPeers();
    const contenders = [...OURS, ...peers];
    const seconds = new Map(contenders.map((c) => [c, [] as number[]]));
    // In turn, so that a change of the machine's speed meets all of them.
    for (let run = 0; run < RUNS; run++) {
      for (const contender of contenders) {
        if (run > 0 && contender.once) continue;
        seconds.get(contender)!.push(cpuSecondsOfCommand(contender.command, contender.parameters(capture)));
      }
    }
    const cpuOf = (contender: Contender): number | undefined =>
      seconds.has(contender) ? median(seconds.get(contender)!) : undefined;
    const base = cpuOf(SOFTFLOWD);
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
    benchGarbage(capture);
    rmSync(capture);
    benchFlood(folder, {
      ours: packets / cpuOf(OURS[0]!)!,
      softflowd: base === undefined ? undefined : packets / base,
    });
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
