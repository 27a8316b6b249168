/** Distinct attack names that are kept apart; files are untrusted, and a table of more would help nobody. */
const MAX_NAMES = 1000;
const UNNAMED = 'attack';
const FURTHER = '(further attacks)';

/** Numbers attack names in the order in which they appear. */
export class AttackNames {
  readonly #codes = new Map<string, number>();

  /** The number of a name. */
  codeOf(name: string): number {
    const known = this.#codes.get(name === '' ? UNNAMED : name);
    if (known !== undefined) return known;
    const kept = this.#codes.size < MAX_NAMES - 1 ? (name === '' ? UNNAMED : name) : FURTHER;
    const code = this.#codes.get(kept) ?? this.#codes.size;
    this.#codes.set(kept, code);
    return code;
  }

  /** All names, by number. */
  get names(): string[] {
    return [...this.#codes.keys()];
  }
}
