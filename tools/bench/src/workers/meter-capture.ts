// Meters one capture in a process of its own, so that its CPU time can be compared with other programs'.
// usage: meter-capture.js <capture> <mode, see metering-modes.ts> [most flows]; prints one JSON object, a MeterRun.
import { FlowMeter } from '@edgeguard/metering';
import { readCaptures } from '@edgeguard/sources/captures';
import { METERING_MODES } from '../metering/metering-modes.ts';

/** What the worker prints. */
export interface MeterRun {
  readonly packets: number;
  readonly flows: number;
  readonly peakFlows: number;
  readonly evictedFlows: number;
  readonly records: number;
  readonly peakBytes: number;
}

const [path, mode, most] = process.argv.slice(2);
const options = METERING_MODES[mode ?? ''];
if (!path || options === undefined) {
  throw new Error(`usage: meter-capture.js <capture> <${Object.keys(METERING_MODES).join('|')}> [most flows]`);
}
let records = 0;
const meter = new FlowMeter(most === undefined ? options : { ...options, maxFlows: Number(most) }, {
  record: () => {
    records++;
  },
});
await readCaptures([path], meter);
meter.finish();
const { packets, flows, peakFlows, evictedFlows } = meter.statistics();
const peakBytes = process.resourceUsage().maxRSS * 1024;
const run: MeterRun = { packets, flows, peakFlows, evictedFlows, records, peakBytes };
process.stdout.write(`${JSON.stringify(run)}\n`);
