/** A share in percent, without the digits that a product of binary fractions adds. */
export function percent(share: number): string {
  return `${Number((100 * share).toPrecision(6))} %`;
}
