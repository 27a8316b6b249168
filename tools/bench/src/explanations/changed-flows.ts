import type { Detector } from '@edgeguard/detection';
import { FlowMeter, type FlowRecord } from '@edgeguard/metering';
import type { SeededRandom } from '@edgeguard/transform';
import { endsOf, type Frame, replay } from './capture-frames.ts';
import type { ConstructionOptions } from './constructed-anomalies.ts';
import type { Changed } from './judge-explanation.ts';
import { type CapturedFlow, PACKET_CHANGES, type PacketChange } from './packet-changes.ts';

/** A flow whose packets were changed, and its record with the highest score. */
export interface ChangedFlow {
  readonly change: PacketChange;
  readonly row: Float32Array;
}

/** What was tried. */
export interface ChangedFlows {
  readonly flows: readonly ChangedFlow[];
  readonly tried: number;
}

/** Fewer packets make no flow that could be changed. */
const LEAST_PACKETS = 4;

/**
 * Changes the packets of a flow of a capture, meters the capture again, and keeps the flow if no record of it was above
 * `mostBefore` times the threshold before and one is above the threshold afterwards. Capture, flow and the size of each
 * change are drawn.
 *
 * @param captures frames of captures that the detector has not learned from
 * @param wanted   flows of each change
 */
export function changeFlows(
  detector: Detector,
  captures: readonly (readonly Frame[])[],
  { wanted, threshold, mostBefore }: ConstructionOptions,
  random: SeededRandom,
): ChangedFlows {
  const usable = captures.map((frames) => ({ frames, flows: flowsOf(frames) })).filter(({ flows }) => flows.length > 0);
  const flows: ChangedFlow[] = [];
  let tried = 0;
  for (const change of PACKET_CHANGES) {
    let found = 0;
    for (let attempt = 0; attempt < 20 * wanted && found < wanted && usable.length > 0; attempt++) {
      const { frames, flows: here } = usable[random.below(usable.length)]!;
      const flow = here[random.below(here.length)]!;
      const changed = change.apply(frames, flow, random);
      if (!changed) continue;
      const first = frames[flow.packets[0]!]!;
      const before = highest(detector, frames, first);
      if (!before || before.score > mostBefore * threshold) continue;
      tried++;
      const after = highest(detector, changed.toSorted(byTime), first);
      if (!after || !(after.score > threshold)) continue;
      flows.push({ change, row: after.row });
      found++;
    }
  }
  return { flows, tried };
}

/** What a change of packets is about. */
export function changedBy({ features }: PacketChange): Changed {
  return { families: [], isFeature: (name) => features.test(name) };
}

function byTime({ time: a }: Frame, { time: b }: Frame): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** TCP and UDP flows by their ends; not cut by timeouts, which only makes some of them unfit. */
function flowsOf(frames: readonly Frame[]): CapturedFlow[] {
  const flows = new Map<string, { packets: number[]; forward: boolean[]; first: string }>();
  for (const [at, frame] of frames.entries()) {
    const ends = endsOf(frame);
    if (!ends) continue;
    const from = `${ends.source}:${ends.sourcePort}`;
    const to = `${ends.destination}:${ends.destinationPort}`;
    const key = [...[from, to].sort(), ends.protocol].join('|');
    const flow = flows.get(key) ?? { packets: [], forward: [], first: from };
    if (flow.packets.length === 0) flows.set(key, flow);
    flow.packets.push(at);
    flow.forward.push(from === flow.first);
  }
  return [...flows.values()].filter(({ packets }) => packets.length >= LEAST_PACKETS);
}

/** The record with the highest score of the flow that begins with a packet; undefined where there is none. */
function highest(
  detector: Detector,
  frames: readonly Frame[],
  first: Frame,
): { readonly row: Float32Array; readonly score: number } | undefined {
  const ends = endsOf(first)!;
  const rows: Float32Array[] = [];
  const meter = new FlowMeter(detector.document.metering!, {
    record: (record) => {
      if (begins(record, first) && hasEnds(record, ends)) rows.push(record.features.slice());
    },
  });
  replay(frames, meter);
  meter.finish();
  let best: { row: Float32Array; score: number } | undefined;
  const score = new Float32Array(1);
  for (const row of rows) {
    detector.score(row, 1, score);
    if (!best || score[0]! > best.score) best = { row, score: score[0]! };
  }
  return best;
}

function begins(record: FlowRecord, { time }: Frame): boolean {
  return BigInt(record.startSeconds) * 1_000_000_000n + BigInt(record.startNanoseconds) === time;
}

/** Either way round: a SYN-ACK that comes first turns a flow around. */
function hasEnds(record: FlowRecord, ends: NonNullable<ReturnType<typeof endsOf>>): boolean {
  const { sourceAddress, sourcePort, destinationAddress, destinationPort, protocol } = record;
  if (protocol !== ends.protocol) return false;
  const is = (address: string, port: number, a: string, p: number): boolean => address === a && port === p;
  return (
    (is(sourceAddress, sourcePort, ends.source, ends.sourcePort) &&
      is(destinationAddress, destinationPort, ends.destination, ends.destinationPort)) ||
    (is(sourceAddress, sourcePort, ends.destination, ends.destinationPort) &&
      is(destinationAddress, destinationPort, ends.source, ends.sourcePort))
  );
}
