import { counted } from '@edgeguard/contracts';
import { describeChange, type DriftReport } from '@edgeguard/detection';
import { plainTime } from '@edgeguard/runtime/output';
import { textTable } from '../inspect/text-table.ts';

const SHOWN_SIGNALS = 15;
const SHOWN_CHANGES = 20;

/** What times of a report are: seconds of traffic time, or numbers of rows where rows have no time. */
export type DriftClock = 'seconds' | 'rows';

/** The report for people: the state, what moved, and when the state changed. */
export function formatDrift(report: DriftReport, clock: DriftClock): string {
  const { signals, changes, blocks, blockRows } = report;
  const shown = signals.filter(({ blocks: moved }) => moved > 0).slice(0, SHOWN_SIGNALS);
  const rows = shown.map(({ kind, name, value, limit, recent, blocks: moved }) => [
    kind,
    name,
    value === undefined ? '-' : short(value),
    limit === undefined ? '-' : short(limit),
    `${recent} of 5`,
    moved,
  ]);
  const table = textTable(['what', 'name', 'latest', 'moved above', 'latest blocks', 'blocks moved'], rows);
  const omitted = Math.max(0, changes.length - SHOWN_CHANGES) + report.furtherChanges;
  return [
    driftLine(report),
    `${report.rows} rows in ${blocks} blocks of ${blockRows}; ${report.coldStart} left out while windows were still filling, ${report.notFinite} with NaN or infinity`,
    ...(report.attackBlocks > 0
      ? [
          `blocks in which the alarm rate rose by one source or target alone, an attack rather than drift: ${report.attackBlocks}`,
        ]
      : []),
    ...(blocks === 0 && shown.length === 0 ? ['no block is full yet: nothing can be said'] : []),
    ...(shown.length > 0 ? ['', table] : []),
    ...(changes.length > 0 ? [''] : []),
    ...changes.slice(-SHOWN_CHANGES).map((change) => `${instant(change.time, clock)}  ${describeChange(change)}`),
    ...(omitted > 0 ? [`and ${omitted} changes before or beyond these`] : []),
    ...(shown.some(({ kind }) => kind === 'feature')
      ? ['', 'A feature: its population stability index against train over the mean of calibration blocks.']
      : []),
  ].join('\n');
}

/** The state in one line. */
export function driftLine({ state, cause, changes, blocks, lostShare }: DriftReport): string {
  const why =
    cause === undefined
      ? ''
      : cause === 'sensor'
        ? ', the sensor seems to have changed'
        : ', the network seems to have changed';
  const times = `${counted(changes.length, 'change')} of state in ${blocks} blocks`;
  const lost = lostShare > 0 ? `; ${short(100 * lostShare)} % of packets were lost before they could be read` : '';
  return `drift: ${state}${why}; ${times}${lost}`;
}

function instant(time: number, clock: DriftClock): string {
  return clock === 'rows' ? `row ${time}` : plainTime(BigInt(Math.round(time * 1e3)) * 1_000_000n);
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
