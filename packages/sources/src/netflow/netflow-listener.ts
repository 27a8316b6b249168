import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { UserError } from '@edgeguard/contracts/problems';
import type { CoreFlowSink } from '../flow-logs/core-flow.ts';
import { FlowJoiner, type FlowJoinerOptions } from './flow-joiner.ts';
import { NetFlowDecoder, type NetFlowStatistics } from './netflow-decoder.ts';

/** The usual ports are 2055 and 9995 for NetFlow, 4739 for IPFIX. */
export const DEFAULT_NETFLOW_PORT = 2055;

/** What the kernel keeps while this process is busy. It may grant less. */
const RECEIVE_BUFFER = 4 << 20;
const FIRST_UNPRIVILEGED_PORT = 1024;

export interface ListenOptions {
  /** UDP port, 2055 by default; 0 for any free one. */
  readonly port?: number;
  /** Address to listen on; only this machine by default. `::` is everywhere. */
  readonly host?: string;
  /** Exporters that are heard; all by default. NetFlow has no authentication: name them. */
  readonly exporters?: readonly string[];
  readonly join?: FlowJoinerOptions;
  /** Called once it listens, with the port. */
  readonly onListening?: (port: number) => void;
  /** Called after each message that brought flows. */
  readonly onProgress?: (statistics: NetFlowStatistics) => void;
  /** Ends listening; flows that wait for their other direction are given out. */
  readonly signal: AbortSignal;
}

/** What was received. */
export interface ListenReport extends NetFlowStatistics {
  readonly joined: number;
  readonly alone: number;
  /** Messages of exporters that are not heard. */
  readonly unheard: number;
}

/**
 * Receives NetFlow version 5 and 9 and IPFIX over UDP until the signal, and gives bidirectional flows.
 *
 * @throws UserError when the port is taken or not permitted
 */
export async function listenNetFlow(onFlow: CoreFlowSink, options: ListenOptions): Promise<ListenReport> {
  const { signal, exporters } = options;
  const host = options.host ?? '127.0.0.1';
  const port = options.port ?? DEFAULT_NETFLOW_PORT;
  const joiner = new FlowJoiner(onFlow, options.join);
  const decoder = new NetFlowDecoder((flow) => joiner.add(flow));
  const heard = exporters === undefined ? undefined : new Set(exporters);
  let unheard = 0;
  const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4' });
  try {
    await bind(socket, port, host);
    options.onListening?.(socket.address().port);
    const failed = new Promise<never>((_, reject) => {
      socket.on('error', reject);
      socket.on('message', (message, { address }) => {
        try {
          // An IPv4 exporter of a socket that hears both families comes as ::ffff:a.b.c.d.
          const exporter = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
          if (heard !== undefined && !heard.has(exporter)) {
            unheard++;
            return;
          }
          decoder.message(message, exporter);
          options.onProgress?.(decoder.statistics());
        } catch (error) {
          reject(error);
        }
      });
    });
    await Promise.race([failed, aborted(signal)]);
  } finally {
    socket.close();
  }
  joiner.flush();
  return { ...decoder.statistics(), joined: joiner.joined, alone: joiner.alone, unheard };
}

async function bind(socket: Socket, port: number, host: string): Promise<void> {
  const listening = once(socket, 'listening');
  socket.bind(port, host);
  try {
    await listening;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const place = `UDP port ${port} on ${host}`;
    if (code === 'EADDRINUSE')
      throw new UserError(place, 'something else listens there', 'stop it or choose another port');
    if (code === 'EACCES') {
      throw new UserError(
        place,
        'listening there is not permitted',
        `choose a port from ${FIRST_UNPRIVILEGED_PORT} on`,
      );
    }
    if (code === 'EADDRNOTAVAIL')
      throw new UserError(place, 'this machine has no such address', 'choose another address');
    throw error;
  }
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER);
  } catch {
    // The system's own size will do.
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
