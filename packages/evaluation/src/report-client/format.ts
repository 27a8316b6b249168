/** A share as a percentage with the digits that matter: 0.0123 % and 99.98 % keep theirs. */
export function percent(share: number | null): string {
  if (share === null) return '–';
  if (share === 0) return '0 %';
  if (share === 1) return '100 %';
  const nearest = Math.min(share, 1 - share) * 100;
  const digits = nearest >= 1 ? 1 : Math.min(4, 1 - Math.floor(Math.log10(nearest)));
  return `${(share * 100).toFixed(digits)} %`;
}

/** A share as a percentage for an axis: no more digits than it needs. */
export function axisPercent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

/** A share between 0 and 1 to three digits. */
export function ratio(value: number | null): string {
  return value === null ? '–' : value.toFixed(3);
}

/** A number with about three digits, without needless zeros. */
export function figure(value: number | null): string {
  if (value === null) return '–';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3) return value.toExponential(2).replace('e+', 'e');
  return size >= 1000 ? count(Math.round(value)) : String(Number(value.toPrecision(3)));
}

/** A whole number in groups of three digits, by thin spaces. */
export function count(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** A power of ten for an axis of logarithms: 10⁻³. */
export function powerOfTen(exponent: number): string {
  if (!Number.isInteger(exponent)) return '';
  if (exponent >= -2 && exponent <= 4) return figure(10 ** exponent);
  const digits = [...String(Math.abs(exponent))].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('');
  return `10${exponent < 0 ? '⁻' : ''}${digits}`;
}
