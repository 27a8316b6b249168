import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where the real data is: EDGEGUARD_DATA, else ../shared/data beside the workspace. */
export const DATA_FOLDER = process.env['EDGEGUARD_DATA'] ?? join(import.meta.dirname, '../../../../../shared/data');

/** Said in the title of tests that are skipped. */
export const NO_DATA = `no captures in ${DATA_FOLDER}; set EDGEGUARD_DATA`;

export const HAS_CAPTURES = existsSync(join(DATA_FOLDER, 'captures'));

export const HAS_LOGS = existsSync(join(DATA_FOLDER, 'logs'));

/** Every capture of the data folder, sorted; none where it is absent. */
export function realCaptures(): string[] {
  if (!HAS_CAPTURES) return [];
  return readdirSync(join(DATA_FOLDER, 'captures'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(pcap|pcapng)$/.test(name))
    .sort()
    .map((name) => join(DATA_FOLDER, 'captures', name));
}
