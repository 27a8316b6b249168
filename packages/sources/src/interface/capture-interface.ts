import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { UserError } from '@edgeguard/contracts/problems';
import type { PacketSink } from '@edgeguard/metering';
import { CaptureDecoder } from '../capture/capture-decoder.ts';
import { explainFailure, explainMissing, type KernelCounters, parseCounters } from './tcpdump-messages.ts';

/** What tcpdump is given to end by itself after it was asked to. */
const MILLISECONDS_TO_END = 2000;
const LONGEST_MESSAGES = 16_384;

export interface InterfaceOptions {
  /** A filter in the language of pcap-filter(7), such as `not port 22`. */
  readonly filter?: string;
  /** Bytes of each frame that are captured; 262,144 by default. */
  readonly snapLength?: number;
  /**
   * Hand over each packet at once (the default) instead of in blocks. Blocks cost less per packet at high rates, and
   * make packets wait for up to a second.
   */
  readonly immediate?: boolean;
  /** Kernel buffer in KiB, 16,384 by default: what bridges a pause of this process. */
  readonly bufferKiB?: number;
  /** Called after every chunk of packets, with the packets so far. */
  readonly onProgress?: (packets: number) => void;
  /** Ends the capture: what tcpdump still holds is processed, then the report is given. */
  readonly signal?: AbortSignal;
  /** The program to run, `tcpdump` by default. */
  readonly program?: string;
}

/** What was captured. */
export interface InterfaceReport {
  readonly name: string;
  readonly packets: number;
  readonly capturedBytes: number;
  readonly wireBytes: number;
  readonly linkTypes: ReadonlyMap<number, number>;
  readonly kernel: KernelCounters;
  /** True when the caller's signal ended it, false when tcpdump ended by itself. */
  readonly interrupted: boolean;
}

/**
 * Captures from a network interface until the signal. A tcpdump child alone holds the right to capture and writes
 * pcap to a pipe, which is decoded as a file is.
 *
 * @param name an interface, or `any`
 * @throws UserError when tcpdump is missing or not permitted, or when interface or filter are wrong
 */
export async function captureInterface(
  name: string,
  sink: PacketSink,
  options: InterfaceOptions = {},
): Promise<InterfaceReport> {
  if (name === '' || name.startsWith('-')) {
    throw new UserError(`interface '${name}'`, 'this is no name of an interface', 'ip link lists the interfaces');
  }
  const program = options.program ?? 'tcpdump';
  const child = spawn(program, tcpdumpArguments(name, options), { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  // A child that cannot be started fails here; the error is told below.
  const failure = ended.then(
    () => undefined,
    (error: unknown) => error,
  );
  let messages = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    messages = (messages + text).slice(-LONGEST_MESSAGES);
  });
  const stop = () => endChild(child);
  if (options.signal?.aborted) stop();
  options.signal?.addEventListener('abort', stop, { once: true });
  const decoder = new CaptureDecoder(sink, `interface ${name}`);
  let begun = false;
  try {
    for await (const chunk of child.stdout) {
      begun = true;
      if (!decoder.push(chunk)) break;
      options.onProgress?.(decoder.packets);
    }
  } finally {
    options.signal?.removeEventListener('abort', stop);
    endChild(child);
  }
  const error = await failure;
  if (error !== undefined) throw explainMissing(program, error);
  const interrupted = options.signal?.aborted ?? false;
  if (!begun && interrupted) return emptyReport(name, messages);
  if (!begun || (child.exitCode !== 0 && !interrupted)) throw explainFailure(name, messages, child.exitCode);
  const { packets, capturedBytes, wireBytes, linkTypes } = decoder.end();
  return { name, packets, capturedBytes, wireBytes, linkTypes, kernel: parseCounters(messages), interrupted };
}

function tcpdumpArguments(name: string, options: InterfaceOptions): string[] {
  const snapLength = options.snapLength ?? 262_144;
  // -U: write each packet when it comes. -n: resolve nothing. -p is left out: promiscuous mode is wanted.
  const args = ['-i', name, '-U', '-n', '-s', String(snapLength), '-B', String(options.bufferKiB ?? 16_384), '-w', '-'];
  if (options.immediate ?? true) args.push('--immediate-mode');
  if (options.filter !== undefined && options.filter !== '') args.push('--', options.filter);
  return args;
}

/** Asks the child to end, as Ctrl-C does, so that it writes out what it holds; insists after a while. */
function endChild(child: ChildProcess): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGINT');
  const insist = setTimeout(() => child.kill('SIGKILL'), MILLISECONDS_TO_END);
  child.once('close', () => clearTimeout(insist));
}

function emptyReport(name: string, messages: string): InterfaceReport {
  return {
    name,
    packets: 0,
    capturedBytes: 0,
    wireBytes: 0,
    linkTypes: new Map(),
    kernel: parseCounters(messages),
    interrupted: true,
  };
}
