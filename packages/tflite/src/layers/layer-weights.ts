import { TfliteError } from '../error.ts';
import type { LayerWeight } from './layers-model.ts';

type Group = Map<string, LayerWeight>;

/**
 * Weights by the layer that they belong to. They are named `[scope/...]layer/weight`, with an optional `:0` that Keras adds;
 * layers may have slashes in their names.
 */
export class LayerWeights {
  readonly #all: ReadonlyMap<string, LayerWeight>;
  /** By how many parts the names of layers have, then by the layer; `undefined` where two scopes have a layer of that name. */
  readonly #groups = new Map<number, Map<string, Group | undefined>>();

  constructor(weights: ReadonlyMap<string, LayerWeight>) {
    this.#all = weights;
  }

  /** Throws `TfliteError` where the weights of several layers end in this name. */
  of(name: string, className: string): ReadonlyMap<string, LayerWeight> {
    const groups = this.#split(name.split('/').length);
    // Keras names what `adapt` left `mean`, `variance` and `count`, without the layer.
    const key = className === 'Normalization' && !groups.has(name) ? '' : name;
    if (!groups.has(key)) return new Map();
    const group = groups.get(key);
    if (group === undefined) throw new TfliteError(`layer ${name}`, 'has weights in more than one scope');
    return group;
  }

  #split(parts: number): Map<string, Group | undefined> {
    const found = this.#groups.get(parts);
    if (found !== undefined) return found;
    const groups = new Map<string, Group | undefined>();
    for (const [full, weight] of this.#all) {
      const path = full.replace(/:\d+$/, '').split('/');
      const key = path.slice(0, -1).slice(-parts).join('/');
      const name = path.at(-1)!;
      if (!groups.has(key)) groups.set(key, new Map());
      const group = groups.get(key);
      if (group?.has(name)) groups.set(key, undefined);
      else group?.set(name, weight);
    }
    this.#groups.set(parts, groups);
    return groups;
  }
}
