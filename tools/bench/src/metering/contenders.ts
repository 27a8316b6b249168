import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isInstalled } from '../harness/cpu-time.ts';

/** A program that reads a capture and meters it, or only reads it. */
export interface Contender {
  readonly name: string;
  readonly command: string;
  readonly parameters: (capture: string) => string[];
  /** Once where more would take minutes; otherwise as often as the others. */
  readonly once?: boolean;
}

export const METER = fileURLToPath(new URL('../workers/meter-capture.js', import.meta.url));
const NFSTREAM = fileURLToPath(new URL('../../peers/nfstream_meter.py', import.meta.url));
const PYTHON = process.env['EDGEGUARD_PYTHON'] ?? 'python3';
/** As many flows as ours keeps. */
const MOST_FLOWS = '262144';

export const OURS: readonly Contender[] = [
  { name: 'EdgeGuard, all features', command: process.execPath, parameters: (c) => [METER, c, 'detection'] },
  { name: 'EdgeGuard, flows only', command: process.execPath, parameters: (c) => [METER, c, 'accounting'] },
];

export const SOFTFLOWD: Contender = {
  name: 'softflowd',
  command: 'softflowd',
  // Room for as many flows as ours, IPv6 too, the same timeouts where it has them, in the foreground.
  parameters: (c) => {
    const pid = join(c, '..', 'softflowd.pid');
    return ['-r', c, '-d', '-6', '-m', MOST_FLOWS, '-t', 'maxlife=1800', '-p', pid, '-c', 'none'];
  },
};

const PEERS: readonly Contender[] = [
  // To standard output, which is /dev/null: as root tcpdump gives a file that it names to its own user.
  { name: 'tcpdump -w - >/dev/null', command: 'tcpdump', parameters: (c) => ['-r', c, '-w', '-'] },
  SOFTFLOWD,
  { name: 'nfpcapd', command: 'nfpcapd', parameters: (c) => ['-r', c, '-w', join(c, '..', 'nfpcapd')] },
  { name: 'argus', command: 'argus', parameters: (c) => ['-r', c, '-w', '-'] },
];

const NFSTREAM_PEER: Contender = {
  name: 'NFStream (one run)',
  command: PYTHON,
  parameters: (c) => [NFSTREAM, c],
  once: true,
};

/** The peers that are installed, and the names of those that are not. */
export function findPeers(): { peers: Contender[]; absent: string[] } {
  const peers = PEERS.filter((peer) => isInstalled(peer.command));
  const absent = PEERS.filter((peer) => !peers.includes(peer)).map((peer) => peer.command);
  // Without a capture the script only loads the library.
  if (spawnSync(PYTHON, [NFSTREAM]).status === 0) peers.push(NFSTREAM_PEER);
  else absent.push('nfstream');
  return { peers, absent };
}
