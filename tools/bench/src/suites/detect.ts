import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PRECISIONS, UserError } from '@edgeguard/contracts';
import { artifactsFolder, findWorkspaceRoot } from '@edgeguard/contracts/stage';
import { cpuSecondsOfCommand } from '../harness/cpu-time.ts';
import { median } from '../harness/median.ts';
import { printTable } from '../harness/table.ts';
import { buildSyntheticCapture } from '../traffic/synthetic-capture.ts';

const PIPELINE = 'demo';
const PACKETS = 1_000_000;
const RUNS = 3;
const METER = fileURLToPath(new URL('../workers/meter-capture.js', import.meta.url));

/** The command `edgeguard detect` from a capture to a file of alerts, beside metering alone. */
export async function benchDetect(): Promise<void> {
  const workspace = findWorkspaceRoot(process.cwd());
  const command = join(workspace, 'apps', 'cli', 'bin', 'edgeguard.mjs');
  const folder = mkdtempSync(join(tmpdir(), 'edgeguard-bench-'));
  try {
    const capture = join(folder, 'capture.pcap');
    const alerts = join(folder, 'alerts.jsonl');
    const packets = await buildSyntheticCapture(capture, PACKETS);
    const runs: { name: string; parameters: string[]; alerts: boolean }[] = [
      { name: 'metering alone, all features', parameters: [METER, capture, 'detection'], alerts: false },
      ...PRECISIONS.map((precision) => {
        const detector = join(artifactsFolder(workspace, PIPELINE), 'convert', `detector.${precision}.tflite`);
        if (!existsSync(detector)) {
          throw new UserError(detector, 'there is no detector', `run npx nx run ${PIPELINE}:convert first`);
        }
        const parameters = [command, 'detect', detector, capture, '--quiet', '--format', 'eve', '--output', alerts];
        return { name: `edgeguard detect, ${precision}`, parameters, alerts: true };
      }),
    ];
    const rows = runs.map((run) => {
      const seconds = Array.from({ length: RUNS }, () => cpuSecondsOfCommand(process.execPath, run.parameters));
      const cpu = median(seconds);
      const written = run.alerts ? String(readFileSync(alerts, 'utf8').split('\n').length - 1) : '-';
      return [run.name, cpu.toFixed(2), Math.round(packets / cpu).toLocaleString('en'), written];
    });
    printTable(
      `detect: ${packets} synthetic packets with every attack, CPU seconds of the whole process, median of ${RUNS}`,
      ['', 'CPU s', 'packets/CPU s', 'alerts'],
      rows,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
