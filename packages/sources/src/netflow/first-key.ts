/** The key that was put into a map first of those in it; undefined where it is empty. */
export function firstKey<K>(map: ReadonlyMap<K, unknown>): K | undefined {
  return map.keys().next().value;
}
