import { labelCode, type LabelledRows } from './labelled-rows.ts';

/**
 * Seconds of traffic time from the first row of each attack to its first alert, by the attack's name; null for attacks
 * without any alert. Empty where rows have no time.
 */
export function timeToAlert(
  { rows, label, attack, attackNames, time }: LabelledRows,
  scores: Float32Array,
  threshold: number,
): Map<string, number | null> {
  const found = new Map<string, number | null>();
  if (!time) return found;
  const firstRow = new Map<number, bigint>();
  const firstAlert = new Map<number, bigint>();
  const attackCode = labelCode('attack');
  for (let row = 0; row < rows; row++) {
    if (label[row] !== attackCode) continue;
    keepEarlier(firstRow, attack[row]!, time[row]!);
    if (scores[row]! > threshold) keepEarlier(firstAlert, attack[row]!, time[row]!);
  }
  for (const [code, begin] of firstRow) {
    const alert = firstAlert.get(code);
    found.set(attackNames[code]!, alert === undefined ? null : Number(alert - begin) / 1e9);
  }
  return found;
}

function keepEarlier(times: Map<number, bigint>, key: number, time: bigint): void {
  const known = times.get(key);
  if (known === undefined || time < known) times.set(key, time);
}
