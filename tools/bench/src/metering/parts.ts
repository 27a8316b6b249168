import { cpuSecondsOfCommand } from '../harness/cpu-time.ts';
import { median } from '../harness/median.ts';
import { printTable } from '../harness/table.ts';
import { METER } from './contenders.ts';

const RUNS = 3;

/** Modes of the worker by what each adds to the one before it. */
const PARTS: readonly (readonly [mode: string, adds: string])[] = [
  ['accounting', 'flows alone'],
  ['flow-ends', 'TCP closes, the timeout of unanswered flows, later fragments'],
  ['early-records', 'records at ages 1 s, 10 s, 60 s'],
  ['features', 'host windows and features'],
  ['detection', 'context for people'],
];

/** What each part of metering adds to the CPU time of the whole process. */
export function benchParts(capture: string): void {
  const seconds = PARTS.map(() => [] as number[]);
  for (let run = 0; run < RUNS; run++) {
    PARTS.forEach(([mode], k) => seconds[k]!.push(cpuSecondsOfCommand(process.execPath, [METER, capture, mode])));
  }
  const medians = seconds.map(median);
  printTable(
    `metering: what each part adds, CPU seconds, median of ${RUNS}`,
    ['', 'CPU s', 'adds'],
    PARTS.map(([, adds], k) => [adds, medians[k]!.toFixed(2), (medians[k]! - (medians[k - 1] ?? 0)).toFixed(2)]),
  );
}
