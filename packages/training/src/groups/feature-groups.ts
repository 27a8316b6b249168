import type { Pause } from '../loop/windowed-rows.ts';
import type { RowStore } from '../rows/row-store.ts';
import { clusterBySize } from './cluster.ts';
import { groupUnits } from './deal-units.ts';
import { featureDistances } from './feature-distances.ts';

/** Features that have an autoencoder of their own. */
export interface FeatureGroups {
  /** The numbers of the features of each group, ascending. */
  readonly features: readonly (readonly number[])[];
  /** The group of each model input. */
  readonly ofInput: Uint32Array;
}

/** Groups with the units that serve them. */
export interface NetworkGroups extends FeatureGroups {
  /** The group of each unit, for each layer from input to output. */
  readonly ofUnit: readonly Uint32Array[];
}

/**
 * Finds groups of at most `largest` features that correlate in `rows`; all model inputs of a feature are in one group.
 *
 * @param outputs the feature of each model input, as `TransformDocument.outputs`
 */
export async function findFeatureGroups(
  rows: RowStore,
  outputs: readonly number[],
  largest: number,
  pause: Pause,
): Promise<FeatureGroups> {
  const names = [...new Set(outputs)].sort((a, b) => a - b);
  const inputs = names.map((name) => outputs.flatMap((feature, input) => (feature === name ? [input] : [])));
  const clusters = clusterBySize(await featureDistances(rows, inputs, pause), names.length, largest);
  const ofInput = new Uint32Array(rows.width);
  for (const [group, cluster] of clusters.entries()) {
    for (const item of cluster) for (const input of inputs[item]!) ofInput[input] = group;
  }
  return { features: clusters.map((cluster) => cluster.map((item) => names[item]!)), ofInput };
}

/**
 * As {@link findFeatureGroups}, with the units of the hidden layers.
 *
 * @throws UserError when a hidden layer has fewer units than there are groups
 */
export async function findNetworkGroups(
  rows: RowStore,
  outputs: readonly number[],
  { hidden, largest }: { readonly hidden: readonly number[]; readonly largest: number },
  pause: Pause,
): Promise<NetworkGroups> {
  const groups = await findFeatureGroups(rows, outputs, largest, pause);
  return { ...groups, ofUnit: groupUnits(groups.ofInput, hidden) };
}
