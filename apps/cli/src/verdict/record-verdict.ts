import { UserError } from '@edgeguard/contracts';
import { appendVerdict, readVerdicts } from '@edgeguard/detection';
import { readToldAlerts, type ToldAlert } from '../alerts/told-alert.ts';
import type { VerdictAddOptions } from '../commands/verdict.ts';
import { textTable } from '../inspect/text-table.ts';

/** Characters of an identifier that name an alert where no other begins with them. */
const SHORTEST_NAME = 8;

/** `edgeguard verdict add`. */
export async function addVerdict(path: string, alertsPath: string, options: VerdictAddOptions): Promise<void> {
  const { id, isNews: _, ...alert } = await findAlert(alertsPath, options.alert);
  await appendVerdict(path, {
    format: 'edgeguard.verdict',
    version: 1,
    alert: id,
    verdict: options.as,
    ...(options.by === undefined ? {} : { by: options.by }),
    ...(options.reason === undefined ? {} : { reason: options.reason }),
    at: new Date().toISOString(),
    ...alert,
    causes: [...alert.causes],
  });
  process.stdout.write(`${id} ${options.as}\n`);
}

/** `edgeguard verdict list`. */
export async function listVerdicts(path: string): Promise<void> {
  const rows = (await readVerdicts(path)).map(
    ({ alert, verdict, by = '', reason = '', finding, source, destination, row }) => [
      alert,
      verdict,
      by,
      row ? `${row.table} row ${row.number}` : `${source?.address ?? ''} -> ${destination?.address ?? ''}`,
      finding,
      reason,
    ],
  );
  process.stdout.write(`${textTable(['alert', 'verdict', 'by', 'about', 'finding', 'reason'], rows)}\n`);
}

async function findAlert(path: string, name: string): Promise<ToldAlert> {
  if (name.length < SHORTEST_NAME) {
    throw new UserError(
      path,
      `"${name}" is too short to name an alert`,
      `give at least ${SHORTEST_NAME} characters of its alert_id`,
    );
  }
  let found: ToldAlert | undefined;
  for await (const alert of readToldAlerts(path)) {
    if (!alert.id.startsWith(name) || alert.id === found?.id) continue;
    if (found) throw new UserError(path, `several alerts begin with ${name}`, 'give the whole alert_id');
    found = alert;
  }
  if (!found)
    throw new UserError(path, `it has no alert ${name}`, 'name one by its alert_id, from detect --format eve');
  return found;
}
