/** Family of the features that compare the two directions of a flow: 1 or -1 where only one of them was seen. */
const DIRECTIONS = 'asymmetry';

/** Places of the features that compare the two directions of a flow. */
export function directionFeatures(features: readonly { readonly family?: string | undefined }[]): number[] {
  return features.flatMap(({ family }, f) => (family === DIRECTIONS ? [f] : []));
}

/** True where the row [F] that starts at `start` is of traffic in one direction only. */
export function isOneWay(rows: Float32Array, start: number, directions: readonly number[]): boolean {
  for (const f of directions) if (Math.abs(rows[start + f]!) === 1) return true;
  return false;
}
