/**
 * Groups items by agglomerative clustering with average linkage, and cuts the tree from its root: what has more than
 * `largest` items falls into its two parts, until nothing has (KitNET's feature mapper, Mirsky et al. 2018). Equal distances
 * are decided by the order of the items, so the same distances give the same groups.
 *
 * @param distances symmetric, row-major [count, count]
 * @returns the items of each group, ascending; groups by their first item
 */
export function clusterBySize(distances: Float64Array, count: number, largest: number): number[][] {
  const between = distances.slice();
  const clusters: (number[] | undefined)[] = Array.from({ length: count }, (_, item) => [item]);
  const groups: number[][] = [];
  for (let merges = 1; merges < count; merges++) {
    const [a, b] = nearest(between, clusters);
    const [left, right] = [clusters[a]!, clusters[b]!];
    const merged = [...left, ...right];
    // Whatever lies above a cluster that is too large is cut; its parts that are small enough are groups.
    if (merged.length > largest) groups.push(...[left, right].filter(({ length }) => length <= largest));
    for (let other = 0; other < count; other++) {
      const sum = between[a * count + other]! * left.length + between[b * count + other]! * right.length;
      between[a * count + other] = between[other * count + a] = sum / merged.length;
    }
    clusters[a] = merged;
    clusters[b] = undefined;
  }
  if (count <= largest) groups.push(...clusters.filter((cluster) => cluster !== undefined));
  return groups.map((group) => group.toSorted((x, y) => x - y)).sort((x, y) => x[0]! - y[0]!);
}

function nearest(between: Float64Array, clusters: readonly (number[] | undefined)[]): [number, number] {
  const count = clusters.length;
  let least = Infinity;
  let pair: [number, number] = [0, 0];
  for (let a = 0; a < count; a++) {
    if (!clusters[a]) continue;
    for (let b = a + 1; b < count; b++) {
      if (!clusters[b] || between[a * count + b]! >= least) continue;
      least = between[a * count + b]!;
      pair = [a, b];
    }
  }
  return pair;
}
