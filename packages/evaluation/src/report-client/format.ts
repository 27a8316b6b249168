/** A share as a percentage with the digits that matter: 0.0123 % and 99.98 % keep theirs. */
export function percent(share: number | null): string {
  if (share === null) return '–';
  if (share === 0) return '0 %';
  if (share === 1) return '100 %';
  const nearest = Math.min(share, 1 - share) * 100;
  const digits = nearest >= 1 ? 1 : Math.min(4, 1 - Math.floor(Math.log10(nearest)));
  const text = (share * 100).toFixed(digits);
  return `${digits > 1 ? text.replace(/\.?0+$/, '') : text} %`;
}

/** A share as a percentage for an axis: no more digits than it needs. */
export function axisPercent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

/** A figure between 0 and 1 to three digits, and to more where it is close to 1: 0.99987. */
export function ratio(value: number | null): string {
  if (value === null) return '–';
  if (value === 1) return '1';
  const digits = value > 0.9995 ? Math.min(7, 1 - Math.floor(Math.log10(1 - value))) : 3;
  return value.toFixed(digits);
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

/** Labels of an axis of time in UTC: the clock, and the date where a new day begins. */
export function timeLabels(seconds: readonly number[], step: number): string[] {
  let day = '';
  return seconds.map((second) => {
    const iso = new Date(second * 1000).toISOString();
    const date = iso.slice(0, 10);
    const clock = iso.slice(11, step < 60 ? 19 : 16);
    const isNewDay = date !== day;
    day = date;
    if (step >= 86_400) return date;
    return isNewDay ? `${clock}\n${date}` : clock;
  });
}

/** An instant in UTC to the second. */
export function utcClock(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** A power of ten for an axis of logarithms: 10⁻³. */
export function powerOfTen(exponent: number): string {
  if (!Number.isInteger(exponent)) return '';
  if (exponent >= -2 && exponent <= 4) return figure(10 ** exponent);
  const digits = [...String(Math.abs(exponent))].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('');
  return `10${exponent < 0 ? '⁻' : ''}${digits}`;
}
