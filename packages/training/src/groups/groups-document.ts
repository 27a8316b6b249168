import type { NetworkGroups } from './feature-groups.ts';

/** The file of a training whose network has groups. */
export const GROUPS_FILE = 'groups.json';

/** `groups.json`: the features of each group, and its units in each hidden layer. */
export interface GroupsDocument {
  readonly format: 'edgeguard.feature-groups';
  readonly version: 1;
  /** Most features of a group, as the config says. */
  readonly largest: number;
  readonly groups: readonly { readonly features: readonly string[]; readonly units: readonly number[] }[];
}

/** @param names of the features, by number */
export function groupsDocument(groups: NetworkGroups, names: readonly string[], largest: number): GroupsDocument {
  const hidden = groups.ofUnit.slice(1, -1);
  return {
    format: 'edgeguard.feature-groups',
    version: 1,
    largest,
    groups: groups.features.map((features, group) => ({
      features: features.map((feature) => names[feature]!),
      units: hidden.map((ofUnit) => ofUnit.filter((own) => own === group).length),
    })),
  };
}

/** One line for people: how many groups there are, and their features. */
export function describeGroups(groups: NetworkGroups, names: readonly string[]): string {
  const lists = groups.features.map((features) => features.map((feature) => names[feature]!).join(' '));
  return `an autoencoder for each of ${lists.length} groups of features: ${lists.join(' | ')}`;
}
