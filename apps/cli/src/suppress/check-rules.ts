import { readSuppressions, Suppressor } from '@edgeguard/detection';
import { isoNanoseconds } from '../alerts/iso-nanoseconds.ts';
import { readToldAlerts } from '../alerts/told-alert.ts';
import { textTable } from '../inspect/text-table.ts';

/** `edgeguard suppress check`: by what alerts show, which is at most five features each. */
export async function checkRules(path: string, alertsPath: string): Promise<void> {
  const suppressor = new Suppressor(await readSuppressions(path));
  let seen = 0;
  let suppressed = 0;
  for await (const alert of readToldAlerts(alertsPath)) {
    if (!alert.isNews) continue;
    seen++;
    if (suppressor.suppresses({ ...alert, time: isoNanoseconds(alert.time) })) suppressed++;
  }
  const rows = suppressor.counts.map(({ rule, ...counts }) => [rule.id, counts.suppressed, counts.expired]);
  process.stdout.write(`${textTable(['rule', 'suppresses', 'would, had it not expired'], rows)}\n`);
  process.stdout.write(`\n${seen} alerts, ${suppressed} suppressed, ${seen - suppressed} left\n`);
}
