// Meters one capture in a process of its own, so that its CPU time can be compared with other programs'.
// usage: meter-capture.js <capture> <detection|accounting> [most flows]; prints one JSON object, a MeterRun.
import { ACCOUNTING_OPTIONS, DETECTION_OPTIONS, FlowMeter } from '@edgeguard/metering';
import { readCaptures } from '@edgeguard/sources/captures';

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
if (!path || (mode !== 'detection' && mode !== 'accounting')) {
  throw new Error('usage: meter-capture.js <capture> <detection|accounting> [most flows]');
}
let records = 0;
const options = mode === 'detection' ? DETECTION_OPTIONS : ACCOUNTING_OPTIONS;
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
