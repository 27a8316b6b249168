import type { SeededRandom } from '@edgeguard/transform';
import { endsOf, type Frame, IP_START, portsAt } from './capture-frames.ts';

/** A flow of a capture. */
export interface CapturedFlow {
  /** Places of its packets among the frames, in order; at least two. */
  readonly packets: readonly number[];
  /** For each of those, whether the side that began sent it. */
  readonly forward: readonly boolean[];
}

/** A way to change the packets of a flow. */
export interface PacketChange {
  readonly name: string;
  /** Names of the features that say what was done: no whole families, some of which a change hardly moves. */
  readonly features: RegExp;
  /** The frames with the change, in any order; undefined where the flow does not allow it. */
  apply(frames: readonly Frame[], flow: CapturedFlow, random: SeededRandom): Frame[] | undefined;
}

/** Bytes of an IP packet that was made as large as can be. */
const LARGEST_IP = 9000;

/** Packets before the first that a pause delays: a late answer to a SYN is another matter. */
const HANDSHAKE = 4;

/** How much a flow moved, but for its duration. */
const AMOUNT = '^(?:forward|backward)_(?:payload_)?(?:packets|bytes)$|^(?:packet|byte)_rate$';

/** What a change does to packets decides which features say it, not what an explanation named. */
export const PACKET_CHANGES: readonly PacketChange[] = [
  {
    name: 'a pause',
    features: /_gap_|^idle_share$/,
    apply: (frames, { packets }, random) => {
      if (packets.length <= HANDSHAKE) return undefined;
      const from = packets[HANDSHAKE + random.below(packets.length - HANDSHAKE)]!;
      const pause = BigInt(Math.round(evenInLog(5, 60, random) * 1e9));
      const moved = new Set(packets.filter((at) => at >= from));
      return frames.map((frame, at) => (moved.has(at) ? { ...frame, time: frame.time + pause } : frame));
    },
  },
  {
    name: 'larger packets',
    features: /_size_|^(?:forward|backward)_(?:payload_)?bytes$|^byte_rate$/,
    apply: (frames, { packets }, random) => {
      const length = Math.round(evenInLog(1600, LARGEST_IP, random));
      const larger = new Set(packets);
      return frames.map((frame, at) => (larger.has(at) ? withIpLength(frame, length) : frame));
    },
  },
  {
    name: 'retransmissions',
    // Copies of SYN and RST are such packets too.
    features: new RegExp(`^retransmitted_share$|^(?:syn|rst)_packets$|${AMOUNT}`),
    apply: (frames, flow, random) => (isTcp(frames, flow) ? withCopies(frames, flow, random) : undefined),
  },
  {
    name: 'datagrams again and again',
    features: new RegExp(AMOUNT),
    apply: (frames, flow, random) => (isTcp(frames, flow) ? undefined : withCopies(frames, flow, random)),
  },
  {
    name: 'no answer',
    features: /unanswered|half_open|^backward_|_asymmetry$|^tcp_state$/,
    apply: (frames, { packets, forward }) => {
      const answers = new Set(packets.filter((_, i) => !forward[i]));
      return answers.size < 2 ? undefined : frames.filter((_, at) => !answers.has(at));
    },
  },
  {
    name: 'probes of other ports',
    // All from one source to one destination: the numbers of hosts stay, those of flows and ports do not.
    features: /^(?:source|destination|pair)_(?:flows|unanswered|half_open)|^source_ports/,
    apply: (frames, { packets }, random) => {
      const first = frames[packets[0]!]!;
      const probes = Math.round(evenInLog(50, 1000, random));
      const start = random.below(30_000);
      // In the second before the flow's first packet.
      const each = 1_000_000_000n / BigInt(probes);
      const made = Array.from({ length: probes }, (_, i) => {
        const bytes = first.bytes.slice();
        const port = 1024 + start + i;
        new DataView(bytes.buffer).setUint16(portsAt(bytes) + 2, port);
        return { ...first, bytes, time: first.time - BigInt(probes - i) * each };
      });
      return [...frames, ...made];
    },
  },
];

function isTcp(frames: readonly Frame[], { packets }: CapturedFlow): boolean {
  return endsOf(frames[packets[0]!]!)?.protocol === 6;
}

/** Each packet of a flow 10 to 300 times, 10 us apart. */
function withCopies(frames: readonly Frame[], { packets }: CapturedFlow, random: SeededRandom): Frame[] {
  const times = Math.round(evenInLog(10, 300, random));
  const repeated = new Set(packets);
  return frames.flatMap((frame, at) =>
    repeated.has(at)
      ? Array.from({ length: times }, (_, copy) => ({ ...frame, time: frame.time + BigInt(copy) * 10_000n }))
      : [frame],
  );
}

function withIpLength(frame: Frame, length: number): Frame {
  const bytes = frame.bytes.slice();
  new DataView(bytes.buffer).setUint16(IP_START + 2, length);
  return { ...frame, bytes, wireLength: IP_START + length };
}

function evenInLog(low: number, high: number, random: SeededRandom): number {
  return low * (high / low) ** random.uniform();
}
