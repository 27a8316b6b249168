import { UserError } from '@edgeguard/contracts/problems';
import { readUint16 } from '../capture/byte-order.ts';
import { describeDamage } from '../capture/compression.ts';
import { expandCapturePaths } from '../capture/read-captures.ts';
import type { CoreFlowSink } from '../flow-logs/core-flow.ts';
import { openInput } from '../input/open-input.ts';
import { FlowJoiner, type FlowJoinerOptions } from './flow-joiner.ts';
import { NetFlowDecoder, type NetFlowStatistics } from './netflow-decoder.ts';

const VERSION_IPFIX = 10;
const SHORTEST_MESSAGE = 16;
const REMEDY = 'give an IPFIX file (RFC 5655): IPFIX messages one after another';

export interface ReadIpfixOptions {
  readonly join?: FlowJoinerOptions;
  /** Called after every chunk; a promise that it returns is awaited before more is read. */
  readonly onProgress?: (progress: { readonly path: string; readonly bytesRead: number }) => void | Promise<void>;
  /** Ends reading after the present chunk. */
  readonly signal?: AbortSignal;
}

/** What was read from one file. */
export interface IpfixFileReport extends NetFlowStatistics {
  readonly path: string;
  readonly joined: number;
  readonly alone: number;
  /** Offset (unpacked) at which the file ends inside a message, is damaged or stops being IPFIX; undefined when it was read whole. */
  readonly truncatedAt: number | undefined;
}

/**
 * Reads IPFIX files (RFC 5655) one after another and gives bidirectional flows. A file that is cut is read to the cut.
 *
 * @throws UserError for a file that cannot be read, is empty or is no IPFIX file
 */
export async function readIpfixFiles(
  paths: readonly string[],
  onFlow: CoreFlowSink,
  options: ReadIpfixOptions = {},
): Promise<IpfixFileReport[]> {
  const reports: IpfixFileReport[] = [];
  for (const path of await expandCapturePaths(paths)) {
    if (options.signal?.aborted) break;
    reports.push(await readIpfixFile(path, onFlow, options));
  }
  return reports;
}

async function readIpfixFile(
  path: string,
  onFlow: CoreFlowSink,
  { join, onProgress, signal }: ReadIpfixOptions,
): Promise<IpfixFileReport> {
  const input = await openInput(path, signal);
  const joiner = new FlowJoiner(onFlow, join);
  const decoder = new NetFlowDecoder((flow) => joiner.add(flow));
  let pending: Uint8Array = new Uint8Array(0);
  let offset = 0;
  let stopped = false;
  let damage: string | undefined;
  try {
    for await (const chunk of input.chunks()) {
      if (signal?.aborted) break;
      pending = pending.length === 0 ? Uint8Array.from(chunk) : Buffer.concat([pending, chunk]);
      let at = 0;
      while (!stopped && pending.length - at >= SHORTEST_MESSAGE) {
        const length = readUint16(pending, at + 2, true);
        if (readUint16(pending, at, true) !== VERSION_IPFIX || length < SHORTEST_MESSAGE) stopped = true;
        else if (pending.length - at < length) break;
        else {
          decoder.message(pending.subarray(at, at + length), input.name);
          at += length;
        }
      }
      pending = pending.subarray(at);
      offset += at;
      await onProgress?.({ path, bytesRead: input.bytesRead });
      if (stopped) break;
    }
  } catch (error) {
    damage = describeDamage(error)?.problem;
    if (damage === undefined) throw error;
  } finally {
    await input.close();
  }
  joiner.flush();
  if (offset === 0) {
    const problem = damage ?? (pending.length === 0 ? 'the file is empty' : 'this is no IPFIX file');
    throw new UserError(`${input.name}: byte 0`, problem, REMEDY);
  }
  // Where reading was given up, nobody knows whether the file is cut.
  const isCut = damage !== undefined || (pending.length > 0 && !signal?.aborted);
  const truncatedAt = isCut ? offset : undefined;
  return { path, ...decoder.statistics(), joined: joiner.joined, alone: joiner.alone, truncatedAt };
}
