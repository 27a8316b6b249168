import type { DriftSignal, DriftSignalKind, DriftState } from './drift-report.ts';

/** Blocks that are remembered, and in how many of them a signal has to move for each state. */
const REMEMBERED = 5;
const WATCH = 2;
const DRIFTED = 3;

interface Entry {
  readonly kind: DriftSignalKind;
  readonly name: string;
  /** A bit for each of the latest blocks, the newest lowest. */
  recent: number;
  blocks: number;
  value: number | undefined;
  limit: number | undefined;
}

/** Which signals moved in the latest blocks, and what follows from that. */
export class SignalTable {
  readonly #entries = new Map<string, Entry>();
  /** Signs that {@link setSensor} knows. */
  readonly #signs = new Set<string>();

  /** What a block says of a signal. */
  set(kind: DriftSignalKind, name: string, moved: boolean, value?: number, limit?: number): void {
    let entry = this.#entries.get(name);
    if (!entry) {
      entry = { kind, name, recent: 0, blocks: 0, value, limit };
      this.#entries.set(name, entry);
    }
    entry.recent = ((entry.recent << 1) | (moved ? 1 : 0)) & ((1 << REMEMBERED) - 1);
    if (moved) entry.blocks++;
    entry.value = value;
    entry.limit = limit;
  }

  /** The signs of a changed sensor that a block shows; those known from before that it does not show are over. */
  setSensor(signs: readonly string[]): void {
    for (const name of signs) this.#signs.add(name);
    for (const name of this.#signs) this.set('sensor', name, signs.includes(name));
  }

  state(): DriftState {
    const most = Math.max(0, ...[...this.#entries.values()].map(({ recent }) => bits(recent)));
    return most >= DRIFTED ? 'drifted' : most >= WATCH ? 'watch' : 'stable';
  }

  /** A changed sensor moves features too, so its signs come first. */
  cause(): 'sensor' | 'network' {
    return this.#unsettled().some(({ kind }) => kind === 'sensor') ? 'sensor' : 'network';
  }

  /** Names of what moved, signs of the sensor first, then the longest. */
  moved(): string[] {
    return this.#unsettled()
      .sort((a, b) => Number(b.kind === 'sensor') - Number(a.kind === 'sensor') || bits(b.recent) - bits(a.recent))
      .map(({ name }) => name);
  }

  /** All signals, those that moved the most often of late first; of those that moved as often, signs of the sensor. */
  all(): DriftSignal[] {
    return [...this.#entries.values()]
      .sort(
        (a, b) =>
          bits(b.recent) - bits(a.recent) ||
          Number(b.kind === 'sensor') - Number(a.kind === 'sensor') ||
          b.blocks - a.blocks,
      )
      .map(({ kind, name, recent, blocks, value, limit }) => ({
        kind,
        name,
        ...(value === undefined ? {} : { value }),
        ...(limit === undefined ? {} : { limit }),
        recent: bits(recent),
        blocks,
      }));
  }

  #unsettled(): Entry[] {
    return [...this.#entries.values()].filter(({ recent }) => bits(recent) >= WATCH);
  }
}

function bits(value: number): number {
  let count = 0;
  for (let rest = value; rest > 0; rest >>= 1) count += rest & 1;
  return count;
}
