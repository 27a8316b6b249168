import { featuresOf, MeteringSettingsSchema } from '@edgeguard/contracts';
import {
  type CoreFlowRecord,
  coreFlowOfSensor,
  corePacketOptions,
  FlowCoreMeter,
  flowCoreSchema,
  FlowMeter,
} from '@edgeguard/metering';
import { readCapture } from '../../src/index.ts';
import { exportWithSoftflowd } from './softflowd.ts';

const SETTINGS = MeteringSettingsSchema.parse({ maxFlows: 65_536, maxHosts: 4096 });
/** softflowd's timeouts as the meter's are: idle, active, and the linger of a closed connection. */
const IDLE = ['tcp', 'udp', 'icmp', 'general'].flatMap((kind) => ['-t', `${kind}=${SETTINGS.idleTimeoutSeconds}`]);
const CLOSED = ['tcp.fin', 'tcp.rst'].flatMap((kind) => ['-t', `${kind}=${SETTINGS.lingerSeconds}`]);
const TIMEOUTS = [...IDLE, ...CLOSED, '-t', `maxlife=${SETTINGS.activeTimeoutSeconds}`];

export const FEATURES = featuresOf(flowCoreSchema());

/** A row of flow-core. */
interface Row {
  readonly flow: CoreFlowRecord;
  readonly features: Float32Array;
}

function meter(): { core: FlowCoreMeter; rows: Row[] } {
  const rows: Row[] = [];
  const core = new FlowCoreMeter(SETTINGS, {
    coreRecord: ({ flow, features }) => void rows.push({ flow, features: features.slice() }),
  });
  return { core, rows };
}

async function ofPackets(capture: string): Promise<Row[]> {
  const { core, rows } = meter();
  // softflowd does not tell flows apart that nobody answers.
  const unansweredTimeoutSeconds = SETTINGS.idleTimeoutSeconds;
  const packets = new FlowMeter({ ...corePacketOptions(SETTINGS), unansweredTimeoutSeconds }, core);
  await readCapture(capture, packets);
  packets.finish();
  core.finish();
  return rows;
}

async function ofSoftflowd(capture: string): Promise<Row[]> {
  const { core, rows } = meter();
  const { flows } = await exportWithSoftflowd(capture, '10', '-A', 'micro', ...TIMEOUTS);
  for (const flow of flows) core.add(coreFlowOfSensor(flow));
  core.finish();
  return rows;
}

/** Protocol and the two ends, whoever began. */
function conversation({ flow }: Row): string {
  const a = `${flow.addressWords.slice(0, 4).join('.')} ${flow.sourcePort}`;
  const b = `${flow.addressWords.slice(4).join('.')} ${flow.destinationPort}`;
  return `${flow.protocol} ${a < b ? a : b} ${a < b ? b : a}`;
}

function byConversation(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = conversation(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

/** How two sources saw one flow. */
export interface Pair {
  readonly ours: Float32Array;
  readonly theirs: Float32Array;
}

/** Flows of a capture as the meter and softflowd tell of them. */
export interface Comparison {
  /** Flows of conversations that both cut into the same number of flows. */
  readonly pairs: readonly Pair[];
  readonly ourFlows: number;
  readonly theirFlows: number;
  /** Flows of which they do not agree who began. */
  readonly reversed: number;
  /** They tell of the same flows and agree who began each. */
  readonly isAlike: boolean;
}

export async function compare(capture: string): Promise<Comparison> {
  const [ours, theirs] = [await ofPackets(capture), await ofSoftflowd(capture)];
  const others = byConversation(theirs);
  const pairs: Pair[] = [];
  let reversed = 0;
  for (const [key, group] of byConversation(ours)) {
    const other = others.get(key);
    if (other?.length !== group.length) continue;
    group.forEach((row, k) => {
      const match = other[k]!;
      pairs.push({ ours: row.features, theirs: match.features });
      if (!row.flow.addressWords.every((word, at) => word === match.flow.addressWords[at])) reversed++;
    });
  }
  const [ourFlows, theirFlows] = [ours.length, theirs.length];
  const isAlike = ourFlows === theirFlows && pairs.length === ourFlows && reversed === 0;
  return { pairs, ourFlows, theirFlows, reversed, isAlike };
}

/** How a feature differs over many flows. */
export interface Difference {
  readonly name: string;
  /** Share of flows with the same value, within 0.1 %. */
  readonly same: number;
  /** Median and 95th percentile of the difference, theirs less ours, among the flows where it differs. */
  readonly median: number;
  readonly p95: number;
}

export function differences(pairs: readonly Pair[]): Difference[] {
  return FEATURES.map(({ name }, k) => {
    const different: number[] = [];
    for (const { ours, theirs } of pairs) {
      const change = theirs[k]! - ours[k]!;
      if (Math.abs(change) > 1e-3 * Math.abs(ours[k]!)) different.push(change);
    }
    different.sort((a, b) => a - b);
    const sizes = different.map(Math.abs).sort((a, b) => a - b);
    const at = (sorted: readonly number[], share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
    return { name, same: 1 - different.length / pairs.length, median: at(different, 0.5), p95: at(sizes, 0.95) };
  });
}
