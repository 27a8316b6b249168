import { networkInterfaces } from 'node:os';
import { UserError } from '@edgeguard/contracts/problems';

/** What tcpdump counted, as it says when it ends. */
export interface KernelCounters {
  /** Packets that passed the filter. */
  readonly received: number | undefined;
  /** Packets that the kernel dropped since they were not fetched in time. */
  readonly droppedByKernel: number | undefined;
  /** Packets that the network card dropped. */
  readonly droppedByInterface: number | undefined;
}

/** Reads the counters from the last lines of tcpdump. */
export function parseCounters(messages: string): KernelCounters {
  const count = (pattern: RegExp) => {
    const match = pattern.exec(messages);
    return match === null ? undefined : Number(match[1]);
  };
  return {
    received: count(/^(\d+) packets? received by filter/m),
    droppedByKernel: count(/^(\d+) packets? dropped by kernel/m),
    droppedByInterface: count(/^(\d+) packets? dropped by interface/m),
  };
}

/** tcpdump could not be started. */
export function explainMissing(program: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') {
    return new UserError(
      program,
      'live capture needs tcpdump, which is not installed',
      'install it: apt-get install tcpdump (Debian, Ubuntu), dnf install tcpdump (Fedora), apk add tcpdump (Alpine)',
    );
  }
  return code === 'EACCES' ? notPermitted(program) : error;
}

/** tcpdump ended with an error: its own words, and what to do about it. */
export function explainFailure(name: string, messages: string, exitCode: number | null): UserError {
  const [line = `tcpdump ended with exit code ${exitCode}`] = messages
    .split('\n')
    .filter((text) => text.startsWith('tcpdump: ') && !/listening on|verbose output|data link type/.test(text))
    .map((text) => text.slice('tcpdump: '.length).trim());
  if (/permission|not permitted|CAP_NET_RAW/i.test(line)) return notPermitted(`interface ${name}`);
  if (/No such device|does ?n.t exist|No such interface/i.test(line)) {
    const known = ['any', ...Object.keys(networkInterfaces())].join(', ');
    return new UserError(`interface ${name}`, 'there is no such interface', `choose one of ${known}`);
  }
  if (/syntax error|filter expression|unknown host|illegal token|expression rejected/i.test(line)) {
    return new UserError(`interface ${name}`, `the capture filter is wrong: ${line}`, 'see man pcap-filter');
  }
  if (/is not up|Network is down/i.test(line)) {
    return new UserError(`interface ${name}`, 'the interface is down', `bring it up: ip link set ${name} up`);
  }
  return new UserError(`interface ${name}`, line, 'try the same with tcpdump itself');
}

function notPermitted(place: string): UserError {
  return new UserError(
    place,
    'capturing packets is not permitted to this user',
    'allow it to tcpdump alone: sudo setcap cap_net_raw+ep "$(command -v tcpdump)"',
  );
}
