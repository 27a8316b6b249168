import type { CoreFlow, CoreFlowSink } from '../flow-logs/core-flow.ts';
import { ExportClocks } from './export-clocks.ts';
import type { ExportedFlow } from './exported-flow.ts';

const DEFAULT_WAIT = 10;
const DEFAULT_CAPACITY = 65_536;
const TCP_SYN = 0x02;

interface Waiting {
  readonly flow: ExportedFlow;
  /** When it came, by the time that all exporters share. */
  readonly since: bigint;
}

export interface FlowJoinerOptions {
  /** Seconds of the exporters' time that a direction waits for the other one, 10 by default. */
  readonly waitSeconds?: number;
  /** Directions that wait at most, 65,536 by default; beyond it the oldest goes out alone. */
  readonly capacity?: number;
}

/**
 * Makes bidirectional flows of the two directions that most exporters send apart. Directions belong together when
 * their five-tuples mirror each other and their intervals overlap or nearly so; a direction whose partner does not come
 * in time goes out alone.
 */
export class FlowJoiner {
  /** Flows that were put together, and directions that went out alone. */
  joined = 0;
  alone = 0;

  readonly #onFlow: CoreFlowSink;
  readonly #wait: bigint;
  readonly #capacity: number;
  /** By five-tuple, in order of arrival. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #clocks = new ExportClocks();

  constructor(onFlow: CoreFlowSink, options: FlowJoinerOptions = {}) {
    this.#onFlow = onFlow;
    this.#wait = BigInt(Math.round((options.waitSeconds ?? DEFAULT_WAIT) * 1e9));
    this.#capacity = options.capacity ?? DEFAULT_CAPACITY;
  }

  add(flow: ExportedFlow): void {
    this.#clocks.advance(flow.exporter, flow.exportedAt);
    this.#expire();
    if (flow.reverse !== undefined) {
      this.joined++;
      this.#onFlow(coreFlow(flow, flow.reverse));
      return;
    }
    const mirrored = `${flow.exporter} ${flow.protocol} ${flow.dstIp} ${flow.dstPort} ${flow.srcIp} ${flow.srcPort}`;
    const other = this.#waiting.get(mirrored)?.flow;
    if (other !== undefined && other.start <= flow.end + this.#wait && flow.start <= other.end + this.#wait) {
      this.#waiting.delete(mirrored);
      this.joined++;
      this.#onFlow(isInitiator(flow, other) ? coreFlow(flow, other) : coreFlow(other, flow));
      return;
    }
    const key = `${flow.exporter} ${flow.protocol} ${flow.srcIp} ${flow.srcPort} ${flow.dstIp} ${flow.dstPort}`;
    const earlier = this.#waiting.get(key);
    if (earlier !== undefined) this.#release(key, earlier.flow);
    this.#waiting.set(key, { flow, since: this.#clocks.now });
    if (this.#waiting.size > this.#capacity) this.#releaseOldest();
  }

  /** Gives out all that still waits. */
  flush(): void {
    for (const [key, { flow }] of this.#waiting) this.#release(key, flow);
  }

  #expire(): void {
    for (const [key, { flow, since }] of this.#waiting) {
      if (since + this.#wait >= this.#clocks.now) return;
      this.#release(key, flow);
    }
  }

  #releaseOldest(): void {
    for (const [key, { flow }] of this.#waiting) {
      this.#release(key, flow);
      return;
    }
  }

  #release(key: string, flow: ExportedFlow): void {
    this.#waiting.delete(key);
    this.alone++;
    this.#onFlow(coreFlow(flow, undefined));
  }
}

/** Who began: the earlier one; at the same time, who sent SYN alone, or who has the higher port. */
function isInitiator(a: ExportedFlow, b: ExportedFlow): boolean {
  if (a.start !== b.start) return a.start < b.start;
  if (a.tcpFlags !== b.tcpFlags && (a.tcpFlags === TCP_SYN || b.tcpFlags === TCP_SYN)) return a.tcpFlags === TCP_SYN;
  return a.srcPort >= b.srcPort;
}

function coreFlow(
  forward: ExportedFlow,
  backward: (Pick<ExportedFlow, 'packets' | 'bytes' | 'tcpFlags'> & { readonly end?: bigint }) | undefined,
): CoreFlow {
  const isTcp = forward.protocol === 6;
  const end = backward?.end;
  return {
    sensor: forward.format,
    sensorId: '',
    start: forward.start,
    end: end !== undefined && end > forward.end ? end : forward.end,
    srcIp: forward.srcIp,
    dstIp: forward.dstIp,
    srcPort: forward.srcPort,
    dstPort: forward.dstPort,
    protocol: forward.protocol,
    forwardPackets: forward.packets,
    backwardPackets: backward?.packets ?? 0,
    forwardBytes: forward.bytes,
    backwardBytes: backward?.bytes ?? 0,
    forwardTcpFlags: isTcp ? forward.tcpFlags : undefined,
    backwardTcpFlags: isTcp ? (backward === undefined ? 0 : backward.tcpFlags) : undefined,
    service: '',
    sampling: forward.sampling,
    label: undefined,
  };
}
