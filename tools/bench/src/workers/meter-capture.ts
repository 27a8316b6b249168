// Meters one capture in a process of its own, so that its CPU time can be compared with other programs'.
// usage: meter-capture.js <capture> <detection|accounting>; prints one JSON object.
import { ACCOUNTING_OPTIONS, DETECTION_OPTIONS, FlowMeter } from '@edgeguard/metering';
import { readCaptures } from '@edgeguard/sources/captures';

const [path, mode] = process.argv.slice(2);
if (!path || (mode !== 'detection' && mode !== 'accounting')) {
  throw new Error('usage: meter-capture.js <capture> <detection|accounting>');
}
let records = 0;
const meter = new FlowMeter(mode === 'detection' ? DETECTION_OPTIONS : ACCOUNTING_OPTIONS, {
  record: () => {
    records++;
  },
});
await readCaptures([path], meter);
meter.finish();
const { packets, flows } = meter.statistics();
process.stdout.write(
  `${JSON.stringify({ packets, flows, records, peakBytes: process.resourceUsage().maxRSS * 1024 })}\n`,
);
